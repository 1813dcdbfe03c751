package text

import (
	"fmt"
	"strconv"

	"golang.org/x/text/language"
)

// Counted is a text that depends on one number and nothing else, at hand for
// pages that are filled in many times a second.
type Counted struct {
	tag   language.Tag
	entry *entry
}

// Counted returns the text under key. It is an error when that has other
// arguments than {n}.
func (l *Language) Counted(key string) (Counted, error) {
	e := l.entries[key]
	if e == nil || len(e.names) != 1 || e.names[0] != number {
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
