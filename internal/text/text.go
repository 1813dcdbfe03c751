// Package text holds every sentence that a visitor may read, in every language:
// locales/en.json and its translations.
//
// A text stands under a key: "get.title": "Get Session". {name} in it is an
// argument, given in the order in which the English text first names them. A text
// about a number has a form for each plural category of its language (CLDR),
// chosen by the argument {n}:
//
//	"unit.seconds": {"one": "{n} second", "other": "{n} seconds"}
//
// English is the reference: Load refuses a translation with other keys or
// arguments.
package text

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"sync"

	"golang.org/x/text/language"
)

//go:embed locales
var locales embed.FS

// English is the language of the reference, and the answer when a browser asks
// for none that there is.
const English = "en"

// Auto is the language that each visitor's browser asks for.
const Auto = "auto"

// Tags returns the languages that Load knows, English first.
func Tags() []string { return []string{English, "hi", "de", "fr", "es"} }

// A Language is the catalogue in one language. It is safe for concurrent use.
type Language struct {
	tag     language.Tag
	entries map[string]*entry
	months  []string
}

// Load reads a language of Tags. An error is a mistake in the catalogue, or a
// tag that is not one of them.
func Load(tag string) (*Language, error) {
	english, err := reference()
	if err != nil || tag == English {
		return english, err
	}
	return load(tag, english)
}

// reference is English, which is read once in the process.
var reference = sync.OnceValues(func() (*Language, error) { return load(English, nil) })

func load(tag string, reference *Language) (*Language, error) {
	file, err := locales.ReadFile("locales/" + tag + ".json")
	if err != nil {
		return nil, fmt.Errorf("no texts in language %q: %w", tag, err)
	}
	return Parse(tag, file, reference)
}

// Parse reads a catalogue file. Its keys and arguments are held against those
// of reference, which is nil for the reference itself.
func Parse(tag string, file []byte, reference *Language) (*Language, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(file, &raw); err != nil {
		return nil, fmt.Errorf("read texts in %q: %w", tag, err)
	}
	l := &Language{entries: make(map[string]*entry, len(raw))}
	var err error
	if l.tag, err = language.Parse(tag); err != nil {
		return nil, fmt.Errorf("read texts in %q: %w", tag, err)
	}
	for key, value := range raw {
		if l.entries[key], err = newEntry(key, value, reference); err != nil {
			return nil, fmt.Errorf("text %q in %q: %w", key, tag, err)
		}
	}
	if reference != nil {
		for key := range reference.entries {
			if l.entries[key] == nil {
				return nil, fmt.Errorf("texts in %q: %q is missing", tag, key)
			}
		}
	}
	if err := l.loadDates(); err != nil {
		return nil, fmt.Errorf("dates in %q: %w", tag, err)
	}
	return l, nil
}

// Tag is the language as in lang="de" and Content-Language.
func (l *Language) Tag() string { return l.tag.String() }

// T returns a text with its arguments, which are strings and integers. It returns
// the key when there is no such text or the arguments do not fit it.
func (l *Language) T(key string, args ...any) string {
	b, err := l.format(key, plain, args)
	if err != nil {
		return key
	}
	return string(b)
}

// HTML returns a text for a page. It escapes all but arguments that are HTML.
func (l *Language) HTML(key string, args ...any) (template.HTML, error) {
	b, err := l.format(key, escaped, args)
	return template.HTML(b), err
}

func (l *Language) format(key string, w writer, args []any) ([]byte, error) {
	e := l.entries[key]
	if e == nil {
		return nil, fmt.Errorf("there is no text %q", key)
	}
	if len(args) != len(e.names) {
		return nil, fmt.Errorf("text %q has %d arguments, not %d", key, len(e.names), len(args))
	}
	form, err := e.choose(l.tag, args)
	if err != nil {
		return nil, fmt.Errorf("text %q: %w", key, err)
	}
	return form.format(w, args)
}
