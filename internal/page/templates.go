package page

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"regexp"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/assets"
	"pagesession/internal/basepath"
)

// Templates are parsed pages. They are safe for concurrent use.
type Templates struct{ *template.Template }

// LoadTemplates parses every file of a folder: "partials/head.html" becomes the
// template "partials/head". Plain URLs of static files become the lasting ones, at their
// place. Besides
// funcs, pages have {{url "/get/"}}, an address of this server below the base path, and
// {{role .}} of a notice. Templates call functions and no methods: docs/adr/0070-smaller-programs.md.
func LoadTemplates(folder fs.FS, base basepath.Path, statics assets.Place, funcs template.FuncMap) (*Templates, error) {
	files, err := assets.Load()
	if err != nil {
		return nil, err
	}
	all, names := template.New("").Funcs(funcs).Funcs(template.FuncMap{"url": base.URL, "role": Notice.Role}), files.Names()
	err = fs.WalkDir(folder, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		source, err := fs.ReadFile(folder, path)
		if err != nil {
			return err
		}
		_, err = all.New(strings.TrimSuffix(path, ".html")).Parse(fixURLs(names.Replace(files.Link(string(source), statics)), base))
		return err
	})
	if err == nil {
		err = escape(all)
	}
	return &Templates{all}, err
}

// A fixed URL is one that a template has in full.
var fixedURL = regexp.MustCompile(`\{\{url "/([^"]*)"\}\}`)

// fixURLs writes the fixed URLs of a template out, so that pages pay nothing for them.
func fixURLs(source string, base basepath.Path) string {
	return fixedURL.ReplaceAllString(source, base.String()+"$1")
}

// escape executes every page without data, to find wrong markup at start, which
// is a *template.Error. Partials are escaped where pages include them.
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

// Render answers with a page. One that fails leaves nothing in the response.
func (t *Templates) Render(c *fiber.Ctx, name string, data any) error {
	c.Response().ResetBody()
	if err := t.ExecuteTemplate(c.Response().BodyWriter(), name, data); err != nil {
		c.Response().ResetBody()
		return fmt.Errorf("render page %q: %w", name, err)
	}
	c.Response().Header.SetContentType(fiber.MIMETextHTMLCharsetUTF8)
	return nil
}
