package console

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"strings"
	"time"

	html "github.com/gofiber/template/html/v2"

	"pagesession/internal/assets"
	"pagesession/views"
)

// loadTemplates parses the embedded pages, with the static files' plain URLs
// replaced by the lasting ones, and has their escaping worked out: html/template
// does that in the first execution, and the engine copies the template without a
// lock while that may be going on. Done here, it never happens beside a request.
func (s *console) loadTemplates() (*html.Engine, error) {
	files, err := assets.Load()
	if err != nil {
		return nil, err
	}
	engine := html.New("", ".html")
	engine.Templates = template.New("").Funcs(s.funcs())
	engine.Loaded = true
	names := files.Names()
	err = fs.WalkDir(views.Console, "console", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(views.Console, path)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "console/"), ".html")
		if _, err := engine.Templates.New(name).Parse(names.Replace(string(body))); err != nil {
			return fmt.Errorf("parse template %q: %w", path, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return engine, escapePages(engine.Templates)
}

// escapePages executes every page with nothing to show. That ends early, which is
// no matter: only what is wrong with a page's markup is an error of html/template.
// Partials are escaped where pages include them.
func escapePages(all *template.Template) error {
	for _, page := range all.Templates() {
		if page.Tree == nil || strings.HasPrefix(page.Name(), "partials/") {
			continue
		}
		var broken *template.Error
		if err := page.Execute(io.Discard, nil); errors.As(err, &broken) {
			return fmt.Errorf("escape page %q: %w", page.Name(), err)
		}
	}
	return nil
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
	local := t.In(s.TimeZone)
	return string(s.english.AppendDate(nil, local)) + local.Format(" MST")
}
