package web

import (
	"html/template"
	"strings"
	"time"

	"pagesession/internal/basepath"
	"pagesession/internal/text"
)

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
// They return HTML in which everything that is not markup of theirs is escaped.
func funcs(l *text.Language, zone *time.Location, base basepath.Path) template.FuncMap {
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
		"link": func(href, key string) (template.HTML, error) {
			label, err := l.HTML(key)
			return template.HTML(`<a href="`+template.HTMLEscapeString(base.URL(href))+`">`) + label + "</a>", err
		},
	}
}

func nameHTML(name string) template.HTML {
	return template.HTML("<b><bdi>" + template.HTMLEscapeString(name) + "</bdi></b>")
}

// zoneName spells UTC out. Other names are the same in every language.
func zoneName(l *text.Language, zone *time.Location) string {
	if zone == time.UTC {
		return l.T("zone.utc")
	}
	return zone.String()
}
