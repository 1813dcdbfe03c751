package web

import (
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"strings"
	"time"

	html "github.com/gofiber/template/html/v2"

	"pagesession/internal/assets"
	"pagesession/internal/text"
	"pagesession/views"
)

// loadTemplates parses the embedded templates into Fiber's html engine, for one
// language, with the static files' plain URLs replaced by the hashed ones, so
// that a page pays nothing for them at each request.
//
// Then it renders each template once. html/template works out the escaping in
// the first execution, and the engine copies the template without a lock while
// that may be going on; done here, it never happens beside another request.
func loadTemplates(l *text.Language, files assets.Files, zone *time.Location) (*html.Engine, error) {
	engine := html.New("", ".html")
	engine.Templates = template.New("").Funcs(funcs(l, zone))
	engine.Loaded = true
	if err := parseAll(engine.Templates, files.Names()); err != nil {
		return nil, err
	}
	for name, page := range blankPages() {
		if err := engine.Render(io.Discard, name, page); err != nil {
			return nil, fmt.Errorf("render page %q: %w", name, err)
		}
	}
	return engine, nil
}

// funcs are what a template can call:
//
//	{{t "home.lede" .Lives}}   a text, with its arguments
//	{{lang}}                   the language that it is in
//	{{zone}}                   the name in full of the zone that dates are in
//	{{name .Name}}             a visitor's name, as an argument of a text
//	{{link "/" "button.home"}}  a link, as an argument of a text
//	{{forms "clock.left"}}     a text in each of its plural forms, as data-one
//	                           and data-other, for a script to put numbers in
//
//	{{debug .Debug}}          what --debug adds to an error page
//
// They return HTML in which everything that is not markup of theirs is escaped.
func funcs(l *text.Language, zone *time.Location) template.FuncMap {
	return template.FuncMap{
		"t":    l.HTML,
		"lang": l.Tag,
		"zone": func() string { return zoneName(l, zone) },
		"name": nameHTML,
		"forms": func(key string) (template.HTMLAttr, error) {
			forms, err := l.Forms(key)
			attrs := make([]string, 0, len(forms))
			for _, form := range forms {
				attrs = append(attrs, "data-"+form.Name+`="`+template.HTMLEscapeString(form.Text)+`"`)
			}
			return template.HTMLAttr(strings.Join(attrs, " ")), err
		},
		"debug": func(d *debugInfo) template.HTML {
			return template.HTML(d.html(l))
		},
		"link": func(href, key string) (template.HTML, error) {
			label, err := l.HTML(key)
			return template.HTML(`<a href="`+template.HTMLEscapeString(href)+`">`) + label + "</a>", err
		},
	}
}

func nameHTML(name string) template.HTML {
	return template.HTML("<b><bdi>" + template.HTMLEscapeString(name) + "</bdi></b>")
}

// zoneName spells UTC out, and leaves other names, which are nobody's language.
func zoneName(l *text.Language, zone *time.Location) string {
	if zone == time.UTC {
		return l.T("zone.utc")
	}
	return zone.String()
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
		"del":     &plainPage{},
		"ended":   &endedPage{},
		"none":    &plainPage{},
		"confirm": &confirmPage{},
		"name":    &namePage{},
		"timeout": &timeoutPage{Choices: []choice{{}}},
		"error":   &problem{},
	}
}
