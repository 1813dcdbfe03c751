package session

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Search returns a function that reports whether a stored value contains text,
// in upper or lower case: in one of its strings, its address or its agent. The function
// is for a record.Query's Match. It is made for a million values, so it decodes a gob
// only when it must. It is safe for concurrent use.
//
// For an empty text Search returns nil, so that the Query also finds ended sessions.
func Search(text string) func(value []byte) bool {
	if text == "" {
		return nil
	}
	n := newNeedle(text)
	return func(value []byte) bool {
		if !n.in(value) {
			return false
		}
		address, agent, gob := open(value)
		return n.in(address) || n.in(agent) || n.inStrings(gob)
	}
}

// inStrings reports whether the needle is in a string of a gob, and not in a name or
// in the bytes around them.
func (n *needle) inStrings(gob []byte) bool {
	found := false
	if eachString(gob, func(s []byte) { found = found || n.in(s) }) {
		return found
	}
	m, err := decode(gob)
	if err != nil {
		return false
	}
	for _, v := range m.values {
		if s, ok := v.Data.(string); ok && n.in([]byte(s)) {
			return true
		}
	}
	return false
}

// A needle is a text to find in either case. bytes.Index finds where it can begin,
// once for each form of its first letter; from there it is compared letter by
// letter.
type needle struct {
	begins  [][]byte
	letters []rune // each in the first of its forms
}

func newNeedle(text string) *needle {
	n := new(needle)
	for _, r := range strings.ToValidUTF8(text, string(utf8.RuneError)) {
		n.letters = append(n.letters, form(r))
	}
	first := n.letters[0]
	n.begins = append(n.begins, []byte(string(first)))
	for r := unicode.SimpleFold(first); r != first; r = unicode.SimpleFold(r) {
		n.begins = append(n.begins, []byte(string(r)))
	}
	return n
}

// form returns the first of a letter's forms (such as k, K and the kelvin sign),
// which stands for all of them.
func form(r rune) rune {
	first := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		first = min(first, other)
	}
	return first
}

func (n *needle) in(hay []byte) bool {
	for _, begin := range n.begins {
		for rest := hay; ; rest = rest[1:] {
			at := bytes.Index(rest, begin)
			if at < 0 {
				break
			}
			if rest = rest[at:]; n.at(rest) {
				return true
			}
		}
	}
	return false
}

// at reports whether hay begins with the needle.
func (n *needle) at(hay []byte) bool {
	for _, want := range n.letters {
		r, size := utf8.DecodeRune(hay)
		if size == 0 || r == utf8.RuneError && size == 1 {
			return false
		}
		if r != want && form(r) != want {
			return false
		}
		hay = hay[size:]
	}
	return true
}
