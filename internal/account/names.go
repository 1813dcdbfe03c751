package account

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Lengths in characters, as in Django.
const (
	longestName  = 150
	longestEmail = 254
)

// Messages about fields. They are Django's where Django has one.
const (
	required       = "This field is required."
	badUsername    = "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."
	takenUsername  = "A user with that username already exists."
	takenGroup     = "A group with that name already exists."
	badEmail       = "Enter a valid email address."
	notText        = "This is not valid text (UTF-8)."
	controls       = "Control characters are not allowed."
	tooLong        = "Ensure this value has at most %d characters (it has %d)."
	noSuchChoice   = "Select a valid choice. %s is not one of the available choices."
	longestUTF8    = utf8.UTFMax * longestName
	mostExpansions = 18 // largest growth of a text in bytes by NFKC
)

// normalUsername returns Unicode's compatibility form (NFKC), as Django does. It leaves a
// text that is too long for a username unchanged.
func normalUsername(name string) string {
	if len(name) > longestUTF8*mostExpansions {
		return name
	}
	return norm.NFKC.String(name)
}

// normalName returns NFC, in which the names of groups, and first and last names, are stored.
func normalName(name string) string { return norm.NFC.String(strings.TrimSpace(name)) }

// checkText returns messages about a text that may have at most most characters.
func checkText(text string, most int) []string {
	if !utf8.ValidString(text) {
		return []string{notText}
	}
	var wrong []string
	if n := utf8.RuneCountInString(text); n > most {
		wrong = append(wrong, fmt.Sprintf(tooLong, most, n))
	}
	if strings.ContainsFunc(text, isControl) {
		wrong = append(wrong, controls)
	}
	return wrong
}

// isControl includes bidirectional controls, which can make one name look like another.
func isControl(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// isInvisible reports whether a character shows nothing, or only changes how others look:
// joiners, fillers, variation selectors and other format characters.
func isInvisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// checkName is checkText for a required name.
func checkName(name string) []string {
	if name == "" {
		return []string{required}
	}
	return checkText(name, longestName)
}

func checkUsername(name string) []string {
	wrong := checkName(name)
	if len(wrong) == 0 && !isUsername(name) {
		return []string{badUsername}
	}
	return wrong
}

// isUsername reports whether a text consists of letters with their marks, numbers and
// @/./+/-/_. It is Python's [\w.@+-]+ with marks, without which a name in Devanagari or Thai
// cannot be written. A mark needs a letter before it; otherwise it would join a sign, or what
// a page shows before the name.
//
// Invisible characters are refused, joiners (U+200C, U+200D) too, although Persian and Hindi
// write some words with them: two names that look the same would be two users. First and last
// names, and names of groups, may have them.
func isUsername(name string) bool {
	afterLetter := false
	for _, r := range name {
		switch {
		case isInvisible(r):
			return false
		case unicode.In(r, unicode.Mn, unicode.Mc):
			if !afterLetter {
				return false
			}
		case unicode.IsLetter(r):
			afterLetter = true
		case unicode.IsNumber(r) || strings.ContainsRune("_.@+-", r):
			afterLetter = false
		default:
			return false
		}
	}
	return true
}

func checkEmail(address string) []string {
	if address == "" {
		return nil
	}
	if wrong := checkText(address, longestEmail); wrong != nil {
		return wrong
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || parsed.Name != "" || !plausibleDomain(address) {
		return []string{badEmail}
	}
	return nil
}

// plausibleDomain requires a dot, except in localhost, as Django does.
func plausibleDomain(address string) bool {
	domain := address[strings.LastIndexByte(address, '@')+1:]
	return domain == "localhost" || strings.Contains(domain, ".") && !strings.HasSuffix(domain, ".")
}

// normalEmail returns the address with its domain in lower case, as Django does.
func normalEmail(address string) string {
	address = strings.TrimSpace(address)
	at := strings.LastIndexByte(address, '@')
	return address[:at+1] + strings.ToLower(address[at+1:])
}
