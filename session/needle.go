package session

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// A needle is a text to find, whatever the case, accents and apostrophes are. Most stored
// text is ASCII, so that is compared as it is; other text is folded first.
type needle struct {
	text   []byte // folded
	begins []byte // the forms of its first byte, if it is ASCII
}

func newNeedle(text string) *needle {
	n := &needle{text: fold([]byte(strings.ToValidUTF8(text, string(utf8.RuneError))))}
	if len(n.text) == 0 || !utf8.FullRune(n.text) {
		return n
	}
	for b := range byte(utf8.RuneSelf) {
		if foldASCII(b) == n.text[0] {
			n.begins = append(n.begins, b)
		}
	}
	return n
}

// in reports whether hay contains the needle. An accent alone is in no text.
func (n *needle) in(hay string) bool {
	if len(n.text) == 0 {
		return false
	}
	return n.inASCII(hay) || hasLetters(hay) && bytes.Contains(fold([]byte(hay)), n.text)
}

func (n *needle) inASCII(hay string) bool {
	for _, begin := range n.begins {
		for rest := hay; ; rest = rest[1:] {
			at := strings.IndexByte(rest, begin)
			if at < 0 || len(rest)-at < len(n.text) {
				break
			}
			if rest = rest[at:]; n.at(rest) {
				return true
			}
		}
	}
	return false
}

// at reports whether hay, which is not shorter, begins with the needle.
func (n *needle) at(hay string) bool {
	for i, want := range n.text {
		if hay[i] >= utf8.RuneSelf || foldASCII(hay[i]) != want {
			return false
		}
	}
	return true
}

// hasLetters reports whether there may be a letter that is not ASCII. The numbers of a gob
// have bytes from 0x80 on, too, but few look like the beginning of a letter.
func hasLetters(b string) bool {
	const high = 0x8080808080808080
	for len(b) > 1 {
		if len(b) >= 8 && word(b)&high == 0 {
			b = b[8:]
			continue
		}
		if b[0] >= 0xc2 && b[0] <= 0xf4 && b[1]&0xc0 == 0x80 {
			return true
		}
		b = b[1:]
	}
	return false
}

// word returns the first eight bytes of a text, which has them, as a number.
func word(b string) uint64 {
	_ = b[7]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}
