package page

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"strings"

	"github.com/gofiber/fiber/v2"
	html "github.com/gofiber/template/html/v2"

	"pagesession/internal/assets"
)

// Templates are parsed pages. They do not change, and are safe for concurrent
// use.
type Templates struct {
	engine *html.Engine
}

// LoadTemplates parses every file of a folder: "partials/head.html" becomes the
// template "partials/head". The plain URLs of static files are replaced by the
// lasting ones, so that a page pays nothing for that at each request.
func LoadTemplates(folder fs.FS, funcs template.FuncMap) (*Templates, error) {
	files, err := assets.Load()
	if err != nil {
		return nil, err
	}
	engine := html.New("", ".html")
	engine.Templates, engine.Loaded = template.New("").Funcs(funcs), true
	names := files.Names()
	err = fs.WalkDir(folder, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		source, err := fs.ReadFile(folder, path)
		if err != nil {
			return err
		}
		_, err = engine.Templates.New(strings.TrimSuffix(path, ".html")).Parse(names.Replace(string(source)))
		return err
	})
	if err == nil {
		err = escape(engine.Templates)
	}
	return &Templates{engine}, err
}

// escape executes every page without data. That ends early, which is no matter:
// it makes html/template work out the escaping, which the engine must not do
// beside another request, and only wrong markup is a *template.Error. Partials
// are escaped where pages include them.
func escape(all *template.Template) error {
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

// Execute writes a page.
func (t *Templates) Execute(w io.Writer, name string, data any) error {
	return t.engine.Render(w, name, data)
}

// Render answers with a page. A page that fails half way leaves nothing in the
// response.
func (t *Templates) Render(c *fiber.Ctx, name string, data any) error {
	c.Response().ResetBody()
	if err := t.Execute(c.Response().BodyWriter(), name, data); err != nil {
		c.Response().ResetBody()
		return fmt.Errorf("render page %q: %w", name, err)
	}
	c.Response().Header.SetContentType(fiber.MIMETextHTMLCharsetUTF8)
	return nil
}
