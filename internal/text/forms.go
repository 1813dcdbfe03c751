package text

import (
	"fmt"
	"slices"

	"golang.org/x/text/feature/plural"
)

// A Form is a text for one of its language's plural categories.
type Form struct {
	Name string // of the category: "one", "other"
	Text string // with {n} where the number goes
}

// categoryOrder is the order in which Forms are given, which a page needs to be
// the same each time that it is rendered.
var categoryOrder = [...]struct {
	name string
	form plural.Form
}{
	{"zero", plural.Zero}, {"one", plural.One}, {"two", plural.Two},
	{"few", plural.Few}, {"many", plural.Many}, {"other", plural.Other},
}

// Forms returns a text in all the forms that the language has of it, for
// scripts in a page, which know the number later. It is an
// error when the text has other arguments than {n}.
func (l *Language) Forms(key string) ([]Form, error) {
	e := l.entries[key]
	if e == nil || slices.ContainsFunc(e.names, func(name string) bool { return name != number }) {
		return nil, fmt.Errorf("text %q is not one about a number", key)
	}
	var forms []Form
	for _, category := range categoryOrder {
		p := e.forms[category.form]
		if p == nil {
			continue
		}
		b, err := p.format(plain, []any{"{" + number + "}"})
		if err != nil {
			return nil, fmt.Errorf("text %q: %w", key, err)
		}
		forms = append(forms, Form{category.name, string(b)})
	}
	return forms, nil
}
