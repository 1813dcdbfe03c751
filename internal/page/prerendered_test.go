package page

import (
	"bytes"
	"errors"
	"html/template"
	"io"
	"testing"
)

type inner struct{ Second Value }

// nested has slots in each of the places where they can stand.
type nested struct {
	*inner
	First  Value
	Others []inner
	Label  string
}

func blankNested() *nested {
	return &nested{inner: new(inner), Others: make([]inner, 2), Label: "constant"}
}

func prerender(text string) (*Prerendered[nested], func(io.Writer, any) error, error) {
	execute := template.Must(template.New("").Parse(text)).Execute
	r, err := NewPrerendered(blankNested, execute)
	return r, execute, err
}

// Text, a quoted attribute, a value twice, one behind the other, none at all.
func TestPrerendered_EqualsTheTemplate(t *testing.T) {
	for _, source := range []string{
		`<p title="{{.First}}">{{.Second}}</p>`,
		`{{.Second}}{{.First}}{{.Second}}`,
		`{{range .Others}}<b>{{.Second}}</b>{{end}}{{.Label}}`,
		`<p>nothing</p>`,
		``,
	} {
		r, execute, err := prerender(source)
		if err != nil {
			t.Errorf("NewPrerendered(%q) = %v; want nil", source, err)
			continue
		}
		c, d := request(t), r.Draft()
		d.Page.First.Set(`<a href="x">&'+`)
		d.Page.Second.Set("ünï\x00")
		d.Page.Others[0].Second.SetInt(-7)
		d.Page.Others[1].Second.SetBool(true)
		var want bytes.Buffer
		if err := errors.Join(execute(&want, d.Page), r.Send(c, d)); err != nil {
			t.Fatal(err)
		}
		if got := c.Response().Body(); !bytes.Equal(got, want.Bytes()) {
			t.Errorf("sent %q = %q; want %q", source, got, want.Bytes())
		}
	}
}

// A page that cannot be prerendered is noticed at start.
func TestPrerendered_RefusesWhatDependsOnValues(t *testing.T) {
	for _, source := range []string{
		`{{if .First.String}}yes{{end}}`,
		`<a href="{{.First}}">x</a>`,
		`<script>x = {{.First}}</script>`,
		`<p title={{.First}}>unquoted</p>`,
		`{{len .First.String}}`,
		`<p onclick="f({{.Second}})">x</p>`,
		`<style>p { color: {{.First}} }</style>`,
	} {
		if _, _, err := prerender(source); err == nil {
			t.Errorf("NewPrerendered(%q) = nil; want an error", source)
		}
	}
}

func TestPrerendered_ReportsATemplateThatFails(t *testing.T) {
	want := errors.New("no")
	if _, err := NewPrerendered(blankNested, func(io.Writer, any) error { return want }); !errors.Is(err, want) {
		t.Errorf("NewPrerendered = %v; want %v", err, want)
	}
}

func TestPrerendered_NoAllocations(t *testing.T) {
	r, _, err := prerender(`<p title="{{.First}}">{{.Second}}{{range .Others}}<b>{{.Second}}</b>{{end}}</p>`)
	if err != nil {
		t.Fatal(err)
	}
	d := r.Draft()
	n := testing.AllocsPerRun(100, func() {
		d.Page.First.Set("Sonam")
		d.Page.Second.SetInt(20)
		d.Page.Others[0].Second.SetBool(true)
		d.Page.Others[1].Second.Set("17 seconds")
		d.html = r.append(d.html[:0], d.values)
	})
	if n > 0 {
		t.Errorf("a page makes %v allocations; want none", n)
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	tmpl := template.Must(template.New("").Parse(`{{.}}<p title="{{.}}">`))
	f.Fuzz(func(t *testing.T, s string) {
		var want bytes.Buffer
		if err := tmpl.Execute(&want, s); err != nil {
			t.Fatal(err)
		}
		e := string(appendEscaped(nil, []byte(s)))
		if got := e + `<p title="` + e + `">`; got != want.String() {
			t.Errorf("escaped %q = %q; want %q", s, got, want.String())
		}
	})
}
