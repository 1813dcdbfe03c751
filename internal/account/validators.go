package account

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed" // the common passwords
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	shortestPassword = 8    // characters
	longestPassword  = 4096 // bytes; far more than people type, and bounds the work of a request
)

// CheckPassword returns all messages about a password for this user, in Django's words and
// order, or nil. It compares the password with the user's names and e-mail address.
func CheckPassword(password string, about User) []string {
	switch {
	case password == "":
		return []string{required}
	case !utf8.ValidString(password):
		return []string{notText}
	case len(password) > longestPassword:
		return []string{fmt.Sprintf("This password is too long. It must contain at most %d bytes.", longestPassword)}
	}
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
		"Not a commonly used password.",
		"Not entirely numeric.",
	}
}

//go:embed data/common-passwords.txt.gz
var commonPasswords []byte

// isCommon decompresses the list for each call, which takes a millisecond and saves
// memory.
func isCommon(password string) bool {
	list, err := gzip.NewReader(bytes.NewReader(commonPasswords))
	if err != nil {
		panic("account: the embedded list of common passwords: " + err.Error())
	}
	password = strings.TrimSpace(strings.ToLower(password))
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		if lines.Text() == password {
			return true
		}
	}
	return false
}
