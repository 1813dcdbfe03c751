package session

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold returns a text of the letters that a search compares: without accents, in one case
// and width, with one kind of apostrophe. Bytes that are no UTF-8 stay, so that no needle
// finds them.
func fold(text []byte) []byte {
	folded := make([]byte, 0, len(text))
	var decomposed [64]byte
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r < utf8.RuneSelf:
			folded = append(folded, foldASCII(byte(r)))
		case r == utf8.RuneError && size == 1:
			folded = append(folded, text[0])
		case isApostrophe(r):
			folded = append(folded, '\'')
		default:
			for _, part := range string(norm.NFKD.Append(decomposed[:0], text[:size]...)) {
				folded = appendFolded(folded, part)
			}
		}
		text = text[size:]
	}
	return folded
}

// appendFolded appends a decomposed letter, and no accent. Marks of one script, such as
// the vowels of Devanagari, are letters to those who read it.
func appendFolded(folded []byte, r rune) []byte {
	if isApostrophe(r) {
		return append(folded, '\'')
	}
	if unicode.Is(unicode.Inherited, r) {
		return folded
	}
	if plain, ok := plainLetters[form(r)]; ok {
		return append(folded, plain...)
	}
	return utf8.AppendRune(folded, form(r))
}

// plainLetters are those that people write for letters with a stroke and for ligatures,
// which Unicode does not decompose.
var plainLetters = map[rune]string{'Ł': "L", 'Ø': "O", 'Đ': "D", 'ß': "SS", 'Æ': "AE", 'Œ': "OE", 'ı': "I"}

// isApostrophe reports whether people use a mark as an apostrophe.
func isApostrophe(r rune) bool {
	switch r {
	case '\'', '`', '´', '‘', '’', '‛', 'ʹ', 'ʻ', 'ʼ', '′', '＇':
		return true
	}
	return false
}

func foldASCII(b byte) byte {
	switch {
	case 'a' <= b && b <= 'z':
		return b - 'a' + 'A'
	case b == '`':
		return '\''
	}
	return b
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
