package console

import (
	"html/template"
	"strings"
	"testing"
)

// No page is escaped beside a request: that has been done when New returns.
func TestTemplates_AreEscaped(t *testing.T) {
	s := &console{Config: Config{}.withDefaults()}
	engine, err := s.loadTemplates()
	if err != nil {
		t.Fatal(err)
	}
	pages := 0
	for _, page := range engine.Templates.Templates() {
		if page.Name() == "" || strings.HasPrefix(page.Name(), "partials/") {
			continue
		}
		pages++
		if page.Tree == nil || !strings.Contains(page.Tree.Root.String(), "_html_template_") {
			t.Errorf("page %q is not escaped", page.Name())
		}
	}
	if pages < 20 {
		t.Errorf("%d pages; want all", pages)
	}
}

func TestEscapePages_SaysWhatIsBroken(t *testing.T) {
	all := template.Must(template.New("").New("page").Parse(`<a href="{{.}}>`))
	if err := escapePages(all); err == nil || !strings.Contains(err.Error(), `"page"`) {
		t.Errorf("escapePages = %v; want an error that names the page", err)
	}
}
