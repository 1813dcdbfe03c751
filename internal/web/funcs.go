package web

import (
	"html/template"
	"time"

	"pagesession/internal/basepath"
	"pagesession/internal/text"
)

// funcs are what a template can call:
//
//	{{t "home.lede" .Lives}}   a text, with its arguments
//	{{lang}}                   the language that it is in
//	{{zone}}                   the name in full of the zone that dates are in
//	{{link "/" "button.home"}}  a link, as an argument of a text
//	{{script}}                 the address of the pages' script in this language
//
// They return HTML in which everything that is not markup of theirs is escaped.
func funcs(l *text.Language, zone *time.Location, base basepath.Path, script string) template.FuncMap {
	return template.FuncMap{
		"t":      l.HTML,
		"lang":   l.Tag,
		"zone":   func() string { return zoneName(l, zone) },
		"script": func() string { return script },
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
