package text

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// An entry is one text in one language: plain, which is the form Other alone,
// or in the forms that its language has.
type entry struct {
	names []string // the arguments, in the order in which they are given
	forms [plural.Many + 1]*pattern
}

// number is the argument that chooses the form.
const number = "n"

// newEntry reads a text. Its arguments are those of the reference's; in the
// reference itself, and in how a date is written, those that it names.
func newEntry(key string, raw json.RawMessage, reference *Language) (*entry, error) {
	forms, err := readForms(raw)
	if err != nil {
		return nil, err
	}
	e := &entry{}
	switch {
	case isDate(key):
		e.names = dateFields
	case reference == nil:
		e.names = argumentsOf(forms)
	case reference.entries[key] == nil:
		return nil, errors.New("is not in the reference")
	default:
		e.names = reference.entries[key].names
	}
	for form, text := range forms {
		if e.forms[form], err = newPattern(text, e.names); err != nil {
			return nil, err
		}
		if err := usesAll(text, e.names); err != nil && !isDate(key) {
			return nil, err
		}
	}
	return e, nil
}

// categories are the names in CLDR of the plural.Forms.
var categories = []string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}

func readForms(raw json.RawMessage) (map[plural.Form]string, error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return map[plural.Form]string{plural.Other: text}, nil
	}
	var named map[string]string
	if err := json.Unmarshal(raw, &named); err != nil {
		return nil, errors.New("is neither a text nor a text for each plural form")
	}
	forms := make(map[plural.Form]string, len(named))
	for name, text := range named {
		form := slices.Index(categories, name)
		if form < 0 {
			return nil, fmt.Errorf("%q is no plural form", name)
		}
		forms[plural.Form(form)] = text
	}
	if _, ok := forms[plural.Other]; !ok {
		return nil, errors.New(`has no form "other"`)
	}
	return forms, nil
}

// choose returns the pattern for the number among args, or the only one.
func (e *entry) choose(tag language.Tag, args []any) (*pattern, error) {
	at := slices.Index(e.names, number)
	if at < 0 {
		return e.forms[plural.Other], nil
	}
	n, ok := integer(args[at])
	if !ok {
		return nil, fmt.Errorf("{n} is a %T and no number", args[at])
	}
	return e.of(tag, n), nil
}

// of returns the pattern for n. No rule looks beyond the last seven digits of a
// number that is too large for it.
func (e *entry) of(tag language.Tag, n int64) *pattern {
	if n > math.MaxInt32 {
		n = 10_000_000 + n%10_000_000
	}
	form := plural.Cardinal.MatchPlural(tag, int(n), 0, 0, 0, 0)
	if p := e.forms[form]; p != nil {
		return p
	}
	return e.forms[plural.Other]
}

// argumentsOf returns what the forms name, and the number that chooses among
// them, which they need not name: "second left".
func argumentsOf(forms map[plural.Form]string) []string {
	names := namesIn(forms[plural.Other])
	if len(forms) > 1 && !slices.Contains(names, number) {
		names = append(names, number)
	}
	return names
}

// usesAll reports an argument that is left out. The number may be: "one second".
func usesAll(text string, names []string) error {
	for _, name := range names {
		if name != number && !strings.Contains(text, "{"+name+"}") {
			return fmt.Errorf("%q leaves {%s} out", text, name)
		}
	}
	return nil
}
