package account

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed" // the common passwords
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

//go:embed data/common-passwords.txt.gz
var commonPasswords []byte

// productName is the product's name in small letters, also in parts, as in "page-session".
var productName = regexp.MustCompile(`page[^\pL\pN]*sessions?`)

// isCommon reports whether many people would try this password first: it is in Django's
// list, it is one repeated character or blank, or it consists of the product's name and
// little else. A short password is refused anyway, and only looked up in the list.
func isCommon(password string) bool {
	password = strings.ToLower(password)
	short := utf8.RuneCountInString(password) < shortestPassword
	return isListed(password) || !short && (isRepeated(password) || isProduct(password))
}

// isListed decompresses the list for each call, which takes a millisecond and saves
// memory.
func isListed(password string) bool {
	list, err := gzip.NewReader(bytes.NewReader(commonPasswords))
	if err != nil {
		panic("account: the embedded list of common passwords: " + err.Error())
	}
	password = strings.TrimSpace(password)
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		if lines.Text() == password {
			return true
		}
	}
	return false
}

// isRepeated reports whether a password has at most one character, any number of times. A
// character includes its marks. Blanks and invisible characters do not count.
func isRepeated(password string) bool {
	password = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || isInvisible(r) {
			return -1
		}
		return r
	}, password)
	_, size := utf8.DecodeRuneInString(password)
	marks := strings.TrimLeftFunc(password[size:], unicode.IsMark)
	return strings.ReplaceAll(password, password[:len(password)-len(marks)], "") == ""
}

// isProduct reports whether a password has the product's name, and the rest of it would not
// be accepted alone: it is short, common, or has no letter.
func isProduct(password string) bool {
	password = norm.NFKC.String(password)
	rest := productName.ReplaceAllLiteralString(password, "")
	if rest == password {
		return false
	}
	return utf8.RuneCountInString(rest) < shortestPassword || !strings.ContainsFunc(rest, unicode.IsLetter) || isListed(rest)
}
