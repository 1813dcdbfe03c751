package account

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	shortestPassword = 8    // characters
	longestPassword  = 4096 // bytes; far more than people type, and bounds the work of a request
)

// CheckPassword returns all messages about a password for this user, in Django's words and
// order, or nil. It compares the password with the user's names and e-mail address. It
// judges the password in NFC, the form that is hashed.
func CheckPassword(password string, about User) []string {
	switch {
	case password == "":
		return []string{required}
	case !utf8.ValidString(password):
		return []string{notText}
	case len(password) > longestPassword:
		return []string{fmt.Sprintf("This password is too long. It must contain at most %d bytes.", longestPassword)}
	}
	password = norm.NFC.String(password)
	var wrong []string
	if like := similarTo(password, about); like != "" {
		wrong = append(wrong, "The password is too similar to the "+like+".")
	}
	if utf8.RuneCountInString(password) < shortestPassword {
		wrong = append(wrong, fmt.Sprintf("This password is too short. It must contain at least %d characters.", shortestPassword))
	}
	if isCommon(password) {
		wrong = append(wrong, "This password is too common.")
	}
	if !strings.ContainsFunc(password, func(r rune) bool { return !unicode.IsDigit(r) }) {
		wrong = append(wrong, "This password is entirely numeric.")
	}
	return wrong
}

// PasswordHelp returns the rules for passwords as sentences for a form.
func PasswordHelp() []string {
	return []string{
		"Different from the username, the name and the email address.",
		"At least 8 characters.",
		"Not a commonly used password, the product’s name, or one repeated character.",
		"Not entirely numeric.",
	}
}
