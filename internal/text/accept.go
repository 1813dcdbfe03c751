package text

import (
	"strings"

	"golang.org/x/text/language"
)

// Bounds of what is read of an Accept-Language header: bytes, and of those the
// strongest wishes. A browser sends a handful, in about 50 bytes.
const (
	maxAccept = 200
	maxWishes = 10
)

// A Matcher chooses among languages. It is safe for concurrent use.
type Matcher struct {
	matcher language.Matcher
}

// NewMatcher returns a Matcher of languages; the first is the default.
func NewMatcher(languages []*Language) Matcher {
	tags := make([]language.Tag, len(languages))
	for i, l := range languages {
		tags[i] = l.tag
	}
	return Matcher{language.NewMatcher(tags)}
}

// Match returns the place of the language that suits an Accept-Language header
// best, by CLDR's rules: the visitor's weights first, then near languages. A header
// that cannot be read counts as none.
func (m Matcher) Match(header string) int {
	wishes, _, err := language.ParseAcceptLanguage(bounded(header))
	if err != nil || len(wishes) == 0 {
		return 0
	}
	_, at, _ := m.matcher.Match(wishes[:min(len(wishes), maxWishes)]...)
	return at
}

// bounded cuts a header that is too long behind a whole wish.
func bounded(header string) string {
	if len(header) <= maxAccept {
		return header
	}
	return header[:max(0, strings.LastIndexByte(header[:maxAccept], ','))]
}
