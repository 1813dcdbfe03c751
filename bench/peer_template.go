package main

import (
	"fmt"
	"html/template"
	"io/fs"
	"regexp"
	"strings"

	"pagesession/internal/text"
	"pagesession/views"
)

// The templates that answer /get/ and /set/.
const (
	getTemplate = "get"
	setTemplate = "set"
)

// peerTemplates returns the product's own pages for the peers: the templates
// with all that they include, and their English texts put into their places,
// where they stand in a page that knows one language. So a peer renders
// what ours shows, whatever becomes of it; a value that a page shows
// and peerPage does not have is an error when a peer starts.
func peerTemplates() (*template.Template, error) {
	english, err := text.Load(text.English)
	if err != nil {
		return nil, fmt.Errorf("peers' pages: %w", err)
	}
	pages, funcs := template.New(""), template.New("").Funcs(constants(english))
	for _, name := range []string{getTemplate, setTemplate} {
		if err := addTemplate(pages, name, funcs); err != nil {
			return nil, fmt.Errorf("peers' page %q: %w", name, err)
		}
	}
	return pages, nil
}

var (
	includes = regexp.MustCompile(`{{template "([^"]+)"`)
	texts    = regexp.MustCompile(`{{(?:t|forms|lang|zone)\b[^}]*}}`)
)

// addTemplate parses a file and those that it includes.
func addTemplate(to *template.Template, name string, texts *template.Template) error {
	if to.Lookup(name) != nil {
		return nil
	}
	source, err := fs.ReadFile(views.Templates, name+".html")
	if err != nil {
		return err
	}
	page, err := withTexts(string(source), texts)
	if err != nil {
		return err
	}
	if _, err := to.New(name).Parse(page); err != nil {
		return err
	}
	for _, found := range includes.FindAllStringSubmatch(page, -1) {
		if err := addTemplate(to, found[1], texts); err != nil {
			return err
		}
	}
	return nil
}

// withTexts puts the results of the calls that are the same for every page
// into their places.
func withTexts(source string, funcs *template.Template) (page string, err error) {
	page = texts.ReplaceAllStringFunc(source, func(call string) string {
		result, callErr := resultOf(call, funcs)
		if callErr != nil {
			err = callErr
		}
		return result
	})
	return page, err
}

// resultOf executes one call, without data: a text that needs some is an error.
func resultOf(call string, funcs *template.Template) (string, error) {
	snippet, err := template.Must(funcs.Clone()).Parse(call)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = snippet.Execute(&b, nil)
	return b.String(), err
}

// constants are the functions of internal/web's templates that a page calls
// with nothing but constants.
func constants(english *text.Language) template.FuncMap {
	return template.FuncMap{
		"t":    english.HTML,
		"lang": english.Tag,
		"zone": func() string { return english.T("zone.utc") },
		"link": func(href, key string) template.HTML {
			return template.HTML(fmt.Sprintf(`<a href="%s">%s</a>`, href, english.T(key)))
		},
		"forms": func(key string) (template.HTML, error) {
			forms, err := english.Forms(key)
			var attributes []string
			for _, form := range forms {
				attributes = append(attributes, fmt.Sprintf(`data-%s="%s"`, form.Name, form.Text))
			}
			return template.HTML(strings.Join(attributes, " ")), err
		},
	}
}
