package account

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// mostSimilar is Django's max_similarity.
const mostSimilar = 0.7

// similarTo returns the name of the first attribute that is too similar to the password, or
// "". It compares each attribute as a whole and by its words.
func similarTo(password string, u User) string {
	password = strings.ToLower(password)
	for _, a := range []struct{ name, value string }{
		{"username", u.Username}, {"first name", u.FirstName}, {"last name", u.LastName}, {"email address", u.Email},
	} {
		if a.value == "" {
			continue
		}
		value := strings.ToLower(a.value)
		for _, part := range append(strings.FieldsFunc(value, notInWord), value) {
			if similar(password, part) {
				return a.name
			}
		}
	}
	return ""
}

// notInWord matches Python's \W.
func notInWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '_' }

// similar ignores a short part of a password that is ten times as long, as Django does.
func similar(password, part string) bool {
	long, short := utf8.RuneCountInString(password), utf8.RuneCountInString(part)
	if long >= 10*short && float64(short) < mostSimilar/2*float64(long) {
		return false
	}
	return quickRatio(password, part) >= mostSimilar
}

// quickRatio is quick_ratio of Python's difflib.SequenceMatcher: twice the number of common
// characters, in any order, divided by the number of characters of both.
func quickRatio(a, b string) float64 {
	left := map[rune]int{}
	total, both := 0, 0
	for _, r := range b {
		left[r]++
		total++
	}
	for _, r := range a {
		total++
		if left[r] > 0 {
			left[r]--
			both++
		}
	}
	return 2 * float64(both) / float64(total)
}
