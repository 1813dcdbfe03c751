package web

import (
	"encoding/json"
	"fmt"

	"pagesession/internal/assets"
	"pagesession/internal/text"
)

// scriptName returns the plain address of the pages' script in a language.
func scriptName(l *text.Language) string { return "/static/pages." + l.Tag() + ".js" }

// StaticFiles returns all static files, with the pages' script in each language.
func StaticFiles() (assets.Files, error) {
	files, err := assets.Load()
	if err != nil {
		return nil, err
	}
	languages, err := LoadLanguages(text.Auto)
	if err != nil {
		return nil, err
	}
	return withScripts(files, languages)
}

// withScripts adds the pages' script in each language to the static files: the element
// <session-clock>, its texts, and what the pages add. So the texts of the warning are not in
// every page, and browsers keep them.
func withScripts(files assets.Files, languages *Languages) (assets.Files, error) {
	for _, l := range languages.all {
		words, err := clockTexts(l)
		if err != nil {
			return nil, fmt.Errorf("texts of the clock in %q: %w", l.Tag(), err)
		}
		if files, err = files.With(scriptName(l), assets.PagesScript(words)); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// clockTexts returns the texts of the element and of scripts/pages.js as a JSON object.
func clockTexts(l *text.Language) ([]byte, error) {
	forms, err := l.Forms("clock.seconds")
	if err != nil {
		return nil, err
	}
	seconds := map[string]string{}
	for _, form := range forms {
		seconds[form.Name] = form.Text
	}
	return json.Marshal(map[string]any{
		"label": l.T("clock.label"), "seconds": seconds, "left": l.T("clock.left"),
		"hours": l.T("clock.hours", "{h}", "{m}"), "days": l.T("clock.days", "{d}"),
		"lost": l.T("clock.lost"), "ended": l.T("clock.ended"), "go": l.T("clock.go"),
		"title": l.T("warning.title"), "text": l.T("warning.text"), "stay": l.T("button.extend"),
		"final": l.T("warning.final.title"), "limit": l.T("warning.final.text"), "close": l.T("warning.close"),
		"failed": l.T("warning.failed"), "delete": l.T("button.delete"),
		"typed": l.T("typed.title"), "back": l.T("typed.back"), "discard": l.T("typed.discard"),
	})
}
