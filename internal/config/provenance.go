package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Provenance says where a setting's value stands.
type Provenance struct {
	Kind string `json:"kind"` // one of the constants below
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Variable is NAME_FILE for a secret that stands in the file it names, else "".
	Variable string `json:"variable,omitempty"`
}

// The kinds of provenance, the first to win first.
const (
	FromFlag        = "flag"
	FromEnvironment = "environment"
	FromFile        = "file"
	FromDefault     = "default"
)

// String names the place; a settings file's is path:line.
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

// assignment is a setting's value as an operator wrote it.
type assignment struct {
	name   string // --addr, PAGESESSION_ADDR
	text   string
	from   Provenance
	secret bool
}

// isSet reports whether there is a value. A variable that is set but empty
// counts as not set, as container files need it.
func (a assignment) isSet() bool { return a.text != "" }

// hides reports whether the value must not be shown.
func (a assignment) hides() bool { return a.secret || holdsPassword(a.text) }

// String is the assignment as it stands where the operator wrote it, for
// messages. It holds no secret.
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

// Mistakes are everything that is wrong with the settings, a line each.
type Mistakes []error

// Error returns the lines.
func (m Mistakes) Error() string {
	return errors.Join(m...).Error()
}

// quote makes s safe to stand in one line of a terminal, however long and
// whatever is in it.
func quote(s string) string {
	const longest = 80
	if len(s) > longest {
		return strconv.QuoteToASCII(s[:longest]) + "..."
	}
	return strconv.QuoteToASCII(s)
}

// path is quote for a file's name, without the quotes where it needs none.
func path(s string) string {
	if q := strconv.QuoteToASCII(s); q != `"`+s+`"` || strings.ContainsAny(s, " :") {
		return q
	}
	return s
}
