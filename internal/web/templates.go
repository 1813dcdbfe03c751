package web

import (
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"strings"

	html "github.com/gofiber/template/html/v2"

	"pagesession/views"
)

// loadTemplates parses the embedded templates into Fiber's html engine, with
// the static files' plain URLs replaced by the hashed ones, so that a page pays
// nothing for them at each request.
//
// Then it renders each template once. html/template works out the escaping in
// the first execution, and the engine copies the template without a lock while
// that may be going on; done here, it never happens beside another request.
func loadTemplates(files assets) (*html.Engine, error) {
	engine := html.New("", ".html")
	engine.Templates = template.New("")
	engine.Loaded = true
	if err := parseAll(engine.Templates, files.hashedNames()); err != nil {
		return nil, err
	}
	for name, page := range blankPages() {
		if err := engine.Render(io.Discard, name, page); err != nil {
			return nil, fmt.Errorf("render page %q: %w", name, err)
		}
	}
	return engine, nil
}

func parseAll(into *template.Template, names *strings.Replacer) error {
	return fs.WalkDir(views.Templates, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(views.Templates, path)
		if err != nil {
			return err
		}
		_, err = into.New(strings.TrimSuffix(path, ".html")).Parse(names.Replace(string(text)))
		if err != nil {
			return fmt.Errorf("parse template %q: %w", path, err)
		}
		return nil
	})
}

// blankPages are all pages, each with the data type that its handler gives it.
func blankPages() map[string]any {
	return map[string]any{
		"home":    &homePage{},
		"set":     &setPage{},
		"get":     &getPage{},
		"del":     nil,
		"ended":   &endedPage{},
		"none":    nil,
		"confirm": &confirmPage{},
		"name":    &namePage{},
		"error":   &problem{},
	}
}
