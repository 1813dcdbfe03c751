package web

import (
	"bytes"
	"errors"
	"html/template"
	"testing"
)

func stencilOf(t *testing.T, text string) (*stencil, func([]string) ([]byte, error), error) {
	t.Helper()
	tmpl := template.Must(template.New("").Parse(text))
	render := func(v []string) ([]byte, error) {
		var b bytes.Buffer
		err := tmpl.Execute(&b, v)
		return b.Bytes(), err
	}
	s, err := newStencil(2, render)
	return s, render, err
}

// Text, a quoted attribute, a value twice, one behind the other, none at all.
func TestStencil_EqualsTheTemplate(t *testing.T) {
	for _, text := range []string{
		`<p title="{{index . 0}}">{{index . 1}}</p>`,
		`{{index . 1}}{{index . 0}}{{index . 1}}`,
		`<p>nothing</p>`,
		``,
	} {
		s, render, err := stencilOf(t, text)
		if err != nil {
			t.Errorf("newStencil(%q) = %v; want nil", text, err)
			continue
		}
		in := []string{`<a href="x">&'+`, "ünï\x00"}
		v := new(values)
		v.add(in[0])
		v.add(in[1])
		got := s.append(nil, v)
		if want, _ := render(in); !bytes.Equal(got, want) {
			t.Errorf("filled %q = %q; want %q", text, got, want)
		}
	}
}

// What a stencil cannot show is noticed at start.
func TestStencil_RefusesWhatDependsOnValues(t *testing.T) {
	for _, text := range []string{
		`{{if index . 0}}yes{{end}}`,
		`<a href="{{index . 0}}">x</a>`,
		`<script>x = {{index . 0}}</script>`,
		`<p title={{index . 0}}>unquoted</p>`,
		`{{len (index . 0)}}`,
		`<p onclick="f({{index . 1}})">x</p>`,
		`<style>p { color: {{index . 0}} }</style>`,
	} {
		if _, _, err := stencilOf(t, text); err == nil {
			t.Errorf("newStencil(%q) = nil; want an error", text)
		}
	}
}

func TestStencil_ReportsATemplateThatFails(t *testing.T) {
	want := errors.New("no")
	if _, err := newStencil(1, func([]string) ([]byte, error) { return nil, want }); !errors.Is(err, want) {
		t.Errorf("newStencil = %v; want %v", err, want)
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
