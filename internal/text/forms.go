package text

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
)

// A Form is a text for one of its language's plural categories.
type Form struct {
	Name string // of the category: "one", "other"
	Text string // with {n} where the number goes
}

// Forms returns all plural forms of a text, "other" last, for scripts that know the
// number later. It is an error when the text has other arguments than {n}.
func (l *Language) Forms(key string) ([]Form, error) {
	e := l.entries[key]
	if e == nil || !slices.Equal(e.names, []string{number}) {
		return nil, fmt.Errorf("text %q is not one about a number", key)
	}
	var forms []Form
	for _, form := range []plural.Form{plural.Zero, plural.One, plural.Two, plural.Few, plural.Many, plural.Other} {
		if p := e.forms[form]; p != nil {
			forms = append(forms, Form{categories[form], strings.Join(p.literals, "{"+number+"}")})
		}
	}
	return forms, nil
}
