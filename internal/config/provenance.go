package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Provenance is the place where a setting's value was set.
type Provenance struct {
	Kind string `json:"kind"` // one of the constants below
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Variable is NAME_FILE for a secret from the file that this variable names, else "".
	Variable string `json:"variable,omitempty"`
}

// The kinds of provenance; an earlier one wins over a later one.
const (
	FromFlag        = "flag"
	FromEnvironment = "environment"
	FromFile        = "file"
	FromDefault     = "default"
)

// String names the place: the kind, or path:line in a settings file.
func (p Provenance) String() string {
	switch {
	case p.Kind == FromFile:
		return fmt.Sprintf("%s:%d", path(p.File), p.Line)
	case p.Variable != "":
		return fmt.Sprintf("%s (%s)", p.Kind, p.Variable)
	default:
		return p.Kind
	}
}

// assignment is a setting's value as the operator wrote it.
type assignment struct {
	name   string // --addr, PAGESESSION_ADDR
	text   string
	from   Provenance
	secret bool
	file   string // the file that NAME_FILE names and text is from; "" for none
}

// isSet reports whether there is a value. An empty variable counts as not set, because
// container files often define variables without a value.
func (a assignment) isSet() bool { return a.text != "" }

// hides reports whether messages and lists leave out the value.
func (a assignment) hides() bool {
	return a.secret || holdsPassword(a.text) || withoutScheme.MatchString(a.text)
}

// String returns the assignment and its place, for messages. It leaves out secrets.
func (a assignment) String() string {
	s := a.name
	if !a.hides() {
		s += "=" + quote(a.text)
	}
	switch a.from.Kind {
	case FromDefault:
		return "the default " + s
	case FromFile:
		return a.from.String() + ": " + s
	default:
		return s
	}
}

// Mistakes are all mistakes in the settings, one line each.
type Mistakes []error

// Error returns the lines.
func (m Mistakes) Error() string {
	return errors.Join(m...).Error()
}

// quote returns s shortened and escaped, for one line on a terminal.
func quote(s string) string {
	const longest = 80
	if len(s) > longest {
		return strconv.QuoteToASCII(s[:longest]) + "..."
	}
	return strconv.QuoteToASCII(s)
}

// path returns the name of a file, quoted only if it has special characters.
func path(s string) string {
	if q := strconv.QuoteToASCII(s); q != `"`+s+`"` || strings.ContainsAny(s, " :") {
		return q
	}
	return s
}
