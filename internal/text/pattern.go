package text

import (
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A pattern is a text cut at its arguments: a literal, an argument, a literal.
type pattern struct {
	literals []string // one more than slots
	slots    []int    // which argument stands behind each literal
}

var argument = regexp.MustCompile(`\{([a-z0-9]+)\}`)

// namesIn returns the arguments of a text, each once, as they come.
func namesIn(text string) []string {
	var names []string
	for _, m := range argument.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	return names
}

func newPattern(text string, names []string) (*pattern, error) {
	if strings.TrimSpace(text) != text || text == "" {
		return nil, errors.New("is empty, or has space around it")
	}
	p := &pattern{}
	from := 0
	for _, m := range argument.FindAllStringSubmatchIndex(text, -1) {
		name := text[m[2]:m[3]]
		slot := slices.Index(names, name)
		if slot < 0 {
			return nil, fmt.Errorf("{%s} is no argument of it", name)
		}
		p.literals, p.slots = append(p.literals, text[from:m[0]]), append(p.slots, slot)
		from = m[1]
	}
	p.literals = append(p.literals, text[from:])
	if strings.ContainsAny(strings.Join(p.literals, ""), "{}") {
		return nil, fmt.Errorf("%q has a brace without its like", text)
	}
	return p, nil
}

// A writer appends a piece of text as its surroundings need it.
type writer func(b []byte, text string) []byte

func plain(b []byte, text string) []byte { return append(b, text...) }

func escaped(b []byte, text string) []byte {
	return append(b, template.HTMLEscapeString(text)...)
}

func (p *pattern) format(w writer, args []any) ([]byte, error) {
	b := w(nil, p.literals[0])
	for i, slot := range p.slots {
		switch arg := args[slot].(type) {
		case template.HTML:
			b = append(b, arg...)
		case string:
			b = w(b, arg)
		default:
			n, ok := integer(arg)
			if !ok {
				return nil, fmt.Errorf("a %T is no argument", arg)
			}
			b = strconv.AppendInt(b, n, 10)
		}
		b = w(b, p.literals[i+1])
	}
	return b, nil
}

func integer(arg any) (int64, bool) {
	switch n := arg.(type) {
	case int64:
		return n, true
	case int:
		return int64(n), true
	default:
		return 0, false
	}
}
