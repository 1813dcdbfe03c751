package text

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Counted is a text that depends on one number, for pages that must be fast.
type Counted struct {
	tag   language.Tag
	entry *entry
}

// Counted returns the text under key, which must have {n} as its only argument.
func (l *Language) Counted(key string) (Counted, error) {
	e := l.entries[key]
	if e == nil || !slices.Equal(e.names, []string{number}) {
		return Counted{}, fmt.Errorf("text %q is not one about a number", key)
	}
	return Counted{l.tag, e}, nil
}

// Append appends the text for n to b, without allocating.
func (c Counted) Append(b []byte, n int64) []byte {
	p := c.entry.of(c.tag, n)
	for i := range p.slots {
		b = append(b, p.literals[i]...)
		b = strconv.AppendInt(b, n, 10)
	}
	return append(b, p.literals[len(p.slots)]...)
}

// A Form is a text for one of its language's plural categories.
type Form struct {
	Name string // of the category: "one", "other"
	Text string // with {n} where the number goes
}

// Forms returns all plural forms of a text, "other" last, for scripts that know the
// number later. It is an error when the text has other arguments than {n}.
func (l *Language) Forms(key string) ([]Form, error) {
	c, err := l.Counted(key)
	if err != nil {
		return nil, err
	}
	var forms []Form
	for _, form := range []plural.Form{plural.Zero, plural.One, plural.Two, plural.Few, plural.Many, plural.Other} {
		if p := c.entry.forms[form]; p != nil {
			forms = append(forms, Form{categories[form], strings.Join(p.literals, "{"+number+"}")})
		}
	}
	return forms, nil
}
