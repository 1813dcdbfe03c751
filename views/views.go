// Package views holds the pages' templates and the files that go with them,
// embedded, and nothing else: package page parses the templates, assets serves the files.
//
// The templates name static files plainly, "/static/style.css"; when they are
// parsed the name is replaced by the one with the content's hash, so a page
// pays nothing for it at each request. Every address is written {{url "/get/"}} or
// {{url .URL}}, which puts the base path in front; a test finds one that is not.
//
// A page includes its head, top and foot with {{template "partials/head"}}.
// Layouts are not used: the engine renders them under an exclusive lock.
package views

import "embed"

// Templates are the pages at the root and what they share in partials/.
//
//go:embed *.html partials/*.html
var Templates embed.FS

// Static are the files under static/, in this binary and from nowhere else.
//
//go:embed static
var Static embed.FS

// Scripts are the parts of the pages' scripts, in scripts/. Package assets puts them together.
//
//go:embed scripts
var Scripts embed.FS

// Console are the pages of the console, under console/, and what they share in
// console/partials/.
//
//go:embed console
var Console embed.FS
