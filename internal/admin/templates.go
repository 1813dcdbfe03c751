package admin

import (
	"fmt"
	"html/template"
	"io/fs"
	"strings"
	"time"

	html "github.com/gofiber/template/html/v2"

	"pagesession/internal/assets"
	"pagesession/views"
)

// loadTemplates parses the embedded pages, with the static files' plain URLs
// replaced by the lasting ones.
func (s *console) loadTemplates() (*html.Engine, error) {
	files, err := assets.Load()
	if err != nil {
		return nil, err
	}
	engine := html.New("", ".html")
	engine.Templates = template.New("").Funcs(s.funcs())
	engine.Loaded = true
	names := files.Names()
	err = fs.WalkDir(views.Admin, "admin", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(views.Admin, path)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "admin/"), ".html")
		if _, err := engine.Templates.New(name).Parse(names.Replace(string(body))); err != nil {
			return fmt.Errorf("parse template %q: %w", path, err)
		}
		return nil
	})
	return engine, err
}

// funcs are what the templates can call.
func (s *console) funcs() template.FuncMap {
	return template.FuncMap{
		"date":    s.date,
		"iso":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"zone":    func() string { return s.TimeZone.String() },
		"ms":      ms,
		"words":   inWords,
		"left":    leftInWords,
		"why":     whyEnded,
		"count":   func(n int) string { return count(int64(n)) },
		"many":    func(n uint32) string { return count(int64(n)) },
		"counted": func(n int, one, other string) string { return counted(int64(n), one, other) },
	}
}

// date writes an instant in the console's zone; the zero one is "never".
func (s *console) date(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return string(s.english.AppendDate(nil, t.In(s.TimeZone)))
}
