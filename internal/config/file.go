package config

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// A settings file has the form of a systemd EnvironmentFile, so that one file
// serves both. What parseFile accepts means what systemd makes of it; what
// systemd ignores, or reads in a way that surprises, is a mistake here.
//
//	# a comment, and so is a line that begins with ;
//	NAME=value with spaces, trimmed; \ keeps the next character as it is
//	NAME='as it stands, over several lines if need be'
//	NAME="the same, but \ keeps the next of " \ $ and `"
//
// A backslash at the end of a line goes on in the next one, without the line
// break. Nothing is expanded: $HOME is five characters.

// line is an assignment in a settings file.
type line struct {
	name, text string
	line       int // of its beginning, from 1
}

// badLine is a mistake in a settings file.
type badLine struct {
	error
	line int
}

var (
	errNoText    = errors.New("is not UTF-8 text, or has a NUL byte or a byte order mark; save it as plain text")
	errNoName    = errors.New("is not NAME=value; begin the line with # for a comment")
	errQuoteOpen = errors.New("opens a quote that is never closed")
	errBehind    = errors.New("has text behind the closing quote; put the whole value between the quotes")
	errBackslash = errors.New("ends in a backslash with nothing to follow it; remove it, or write it twice")
	errReturn    = errors.New("has a carriage return within the value; remove it")
	// Until version 254 systemd takes the next line for part of the comment.
	errComment = errors.New("is a comment that ends in a backslash; remove it, since some versions of systemd skip the next line")
)

const (
	blanks   = " \t"
	lineEnds = "\r\n"
)

// reader is at a place in a settings file.
type reader struct {
	rest string
	line int
}

// parseFile returns what a settings file sets, in its order, and its mistakes.
func parseFile(data string) (lines []line, mistakes []badLine) {
	if at := badText(data); at > 0 {
		return nil, []badLine{{errNoText, at}}
	}
	r := &reader{data, 1}
	for r.skip(blanks + lineEnds); r.rest != ""; r.skip(blanks + lineEnds) {
		begin := r.line
		l, err := r.next()
		switch {
		case err != nil:
			mistakes = append(mistakes, badLine{err, begin})
			r.take(r.lineLength())
		case l.name != "":
			lines = append(lines, line{l.name, l.text, begin})
		}
	}
	return lines, mistakes
}

// badText returns the first line that is no text, 0 if all are.
func badText(data string) int {
	for i, s := range strings.Split(data, "\n") {
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\ufeff") {
			return i + 1
		}
	}
	return 0
}

// next reads a line that is not empty; a comment is a line without a name.
func (r *reader) next() (line, error) {
	head := r.rest[:r.lineLength()]
	if head[0] == '#' || head[0] == ';' {
		r.take(len(head))
		if strings.HasSuffix(head, `\`) {
			return line{}, errComment
		}
		return line{}, nil
	}
	before, _, ok := strings.Cut(head, "=")
	name := strings.TrimRight(before, blanks)
	if !ok || name == "" {
		return line{}, errNoName
	}
	r.take(len(before) + 1)
	r.skip(blanks)
	text, err := r.value()
	return line{name: name, text: text}, err
}

func (r *reader) value() (string, error) {
	if r.rest == "" || r.rest[0] != '\'' && r.rest[0] != '"' {
		return r.unquoted()
	}
	quote := r.take(1)[0]
	text, err := r.quoted(quote)
	if err != nil {
		r.take(len(r.rest)) // all of it was in the quote
		return "", err
	}
	if r.skip(blanks); r.lineLength() > 0 {
		return "", errBehind
	}
	return text, nil
}

// quoted reads up to the closing quote.
func (r *reader) quoted(quote byte) (string, error) {
	var text strings.Builder
	for r.rest != "" {
		c := r.take(1)
		switch {
		case c[0] == quote:
			return text.String(), nil
		case c == `\` && quote == '"' && r.rest != "":
			if next := r.take(1); strings.Contains("\"\\`$", next) {
				c = next
			} else if c += next; next == "\n" {
				c = ""
			}
		}
		text.WriteString(c)
	}
	return "", errQuoteOpen
}

// unquoted reads up to the end of the line, without the blanks before it.
func (r *reader) unquoted() (string, error) {
	var text []byte
	keep := 0 // what a backslash kept is not trimmed
	for {
		n := strings.IndexAny(r.rest, `\`+lineEnds)
		if n < 0 {
			n = len(r.rest)
		}
		text = append(text, r.take(n)...)
		if !strings.HasPrefix(r.rest, `\`) {
			return string(text[:keep]) + strings.TrimRight(string(text[keep:]), blanks), r.atLineEnd()
		}
		r.take(1)
		if r.rest == "" || r.rest[0] == '\r' {
			return "", errBackslash
		}
		if c := r.take(1); c != "\n" {
			text = append(text, c...)
		}
		keep = len(text)
	}
}

// atLineEnd refuses a carriage return that no line feed follows.
func (r *reader) atLineEnd() error {
	if strings.HasPrefix(r.rest, "\r") && !strings.HasPrefix(r.rest, "\r\n") && r.rest != "\r" {
		r.take(1)
		return errReturn
	}
	return nil
}

// lineLength is how far it is to the end of the line.
func (r *reader) lineLength() int {
	if n := strings.IndexAny(r.rest, lineEnds); n >= 0 {
		return n
	}
	return len(r.rest)
}

// take moves on by n bytes and returns them.
func (r *reader) take(n int) string {
	taken := r.rest[:n]
	r.rest, r.line = r.rest[n:], r.line+strings.Count(taken, "\n")
	return taken
}

func (r *reader) skip(set string) { r.take(len(r.rest) - len(strings.TrimLeft(r.rest, set))) }
