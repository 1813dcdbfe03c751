package console

import (
	"encoding/json"
	"slices"
	"strings"

	"pagesession/internal/health"
)

// troubledFiles returns the session files that cannot be written, and the accounts while
// they are unavailable.
func (s *console) troubledFiles() []health.File {
	return slices.DeleteFunc(slices.Clone(s.Files()), health.File.OK)
}

// fileBanner returns the dashboard's banner about these files as the stream carries
// it: markup in JSON, which keeps it on one line.
func (s *console) fileBanner() (string, error) {
	var b strings.Builder
	if err := s.templates.ExecuteTemplate(&b, "partials/files", s.troubledFiles()); err != nil {
		return "", err
	}
	line, err := json.Marshal(strings.TrimSpace(b.String()))
	return string(line), err
}
