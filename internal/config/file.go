package config

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"
)

// A settings file has the form of a systemd EnvironmentFile, so one file serves both.
// parseFile reads each value as systemd does. It reports as a mistake what systemd
// ignores or reads in a surprising way.
//
//	# a comment; so is a line that begins with ;
//	NAME=value with spaces, trimmed; \ keeps the next character as it is
//	NAME='taken literally, also over several lines'
//	NAME="the same, but \ escapes " \ $ and `"
//
// A backslash at the end of a line joins it with the next one. Variables are not
// expanded: $HOME is five characters.

// line is an assignment in a settings file.
type line struct {
	name, text string
	line       int // the first one, counted from 1
}

// badLine is a mistake in a settings file.
type badLine struct {
	error
	line int
}

var (
	errNoText    = errors.New("is not UTF-8, or has a NUL byte or a byte order mark; save the file as plain text")
	errNoName    = errors.New("is not NAME=value; for a comment begin it with #")
	errQuoteOpen = errors.New("has an opening quote but no closing quote; add one")
	errBehind    = errors.New("has text after the closing quote; put the whole value between the quotes")
	errBackslash = errors.New("ends in a single backslash; remove it, or write it twice")
	errReturn    = errors.New("has a carriage return in the value; remove it")
	// Before version 254 systemd takes the next line as part of the comment.
	errComment = errors.New("is a comment that ends in a backslash, after which some versions of systemd skip a line; remove it")
)

var (
	nameForm = regexp.MustCompile(`^([^=\r\n]+?)[ \t]*=[ \t]*`)
	single   = regexp.MustCompile(`^'([^']*)'[ \t]*`)
	double   = regexp.MustCompile(`(?s)^"((?:[^"\\]|\\.)*)"[ \t]*`)
	// A blank after a backslash is kept. A backslash at the end of the file ends the
	// value, too.
	unquoted = regexp.MustCompile(`^((?:[^\\\r\n]|\\[^\r])*?)[ \t]*(\r\n|[\r\n]|\\\r|\\$|$)`)

	inDouble   = strings.NewReplacer(`\"`, `"`, `\\`, `\`, "\\`", "`", `\$`, `$`, "\\\n", "")
	inUnquoted = strings.NewReplacer(`\\`, `\`, "\\\n", "", `\`, "")
)

// parseFile returns the assignments of a settings file in their order, and its mistakes.
func parseFile(data string) (lines []line, mistakes []badLine) {
	if at := badText(data); at > 0 {
		return nil, []badLine{{errNoText, at}}
	}
	number := 1
	skip := func(n int) {
		number += strings.Count(data[:n], "\n")
		data = data[n:]
	}
	for {
		skip(len(data) - len(strings.TrimLeft(data, " \t\r\n")))
		if data == "" {
			return lines, mistakes
		}
		l, n, err := parseLine(data)
		l.line = number
		skip(n)
		switch {
		case err != nil:
			mistakes = append(mistakes, badLine{err, l.line})
			skip(lineLength(data))
		case l.name != "":
			lines = append(lines, l)
		}
	}
}

// badText returns the number of the first line that is not text, or 0.
func badText(data string) int {
	for i, s := range strings.Split(data, "\n") {
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\ufeff") {
			return i + 1
		}
	}
	return 0
}

// parseLine reads a non-empty line and returns its length. A comment is a line without
// a name. After a mistake the caller skips the rest of the line.
func parseLine(s string) (l line, n int, err error) {
	if s[0] == '#' || s[0] == ';' {
		n = lineLength(s)
		if s[n-1] == '\\' {
			err = errComment
		}
		return line{}, n, err
	}
	head := nameForm.FindStringSubmatch(s)
	if head == nil {
		return line{}, 0, errNoName
	}
	text, n, err := parseValue(s[len(head[0]):])
	return line{name: head[1], text: text}, len(head[0]) + n, err
}

func parseValue(s string) (text string, n int, err error) {
	form, escapes := single, strings.NewReplacer()
	switch {
	case strings.HasPrefix(s, `"`):
		form, escapes = double, inDouble
	case !strings.HasPrefix(s, "'"):
		return parseUnquoted(s)
	}
	m := form.FindStringSubmatch(s)
	if m == nil {
		return "", len(s), errQuoteOpen // the quote takes in the rest of the file
	}
	if n = len(m[0]); lineLength(s[n:]) > 0 {
		return "", n, errBehind
	}
	return escapes.Replace(m[1]), n, nil
}

func parseUnquoted(s string) (text string, n int, err error) {
	m := unquoted.FindStringSubmatch(s)
	end := m[2]
	n = len(m[0]) - len(end)
	switch {
	case strings.HasPrefix(end, `\`):
		return "", n + 1, errBackslash
	case end == "\r" && len(m[0]) < len(s):
		return "", n + 1, errReturn
	}
	return inUnquoted.Replace(m[1]), n, nil
}

// lineLength returns the length of s up to the end of its first line.
func lineLength(s string) int {
	if n := strings.IndexAny(s, "\r\n"); n >= 0 {
		return n
	}
	return len(s)
}
