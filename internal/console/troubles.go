package console

import (
	"encoding/json"
	"slices"
	"strings"

	"pagesession/internal/health"
)

// troubledFiles returns the session files that cannot be written, the accounts and the
// session server while they are unavailable, and what has a notice.
func (s *console) troubledFiles() []health.File {
	return slices.DeleteFunc(slices.Clone(s.Files()), func(f health.File) bool { return f.OK() && f.Notice == "" })
}

// A troubles is what the dashboard's banner says.
type troubles struct {
	Files     []health.File
	Untrusted string // the peer whose forwarding headers are ignored; "" for none
}

func (s *console) troubles() troubles { return troubles{s.troubledFiles(), s.Untrusted()} }

// banner returns the dashboard's banner as the stream carries it: markup in JSON, which
// keeps it on one line.
func (s *console) banner() (string, error) { return s.markup("partials/troubles", s.troubles()) }

// serverTable returns the dashboard's table of servers as the stream carries it; "" for none.
func (s *console) serverTable() (string, error) {
	if list := s.Servers(); len(list) > 0 {
		return s.markup("partials/servers", list)
	}
	return "", nil
}

// markup returns a part of a page as the stream carries it.
func (s *console) markup(name string, data any) (string, error) {
	var b strings.Builder
	if err := s.templates.ExecuteTemplate(&b, name, data); err != nil {
		return "", err
	}
	line, err := json.Marshal(strings.TrimSpace(b.String()))
	return string(line), err
}
