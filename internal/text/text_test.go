package text

import (
	"html/template"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// Load holds a language against English, so a text that is missing or has
// other arguments fails here.
func TestLoad_EveryLanguage(t *testing.T) {
	files, err := fs.Glob(locales, "locales/*")
	if err != nil || len(files) != len(Tags()) {
		t.Errorf("%q, %v; want a file for each of %q", files, err, Tags())
	}
	for _, tag := range Tags() {
		l, err := Load(tag)
		if err != nil {
			t.Errorf("Load(%q) = %v", tag, err)
			continue
		}
		if l.Tag() != tag {
			t.Errorf("Load(%q).Tag() = %q", tag, l.Tag())
		}
	}
	if got := strings.Join(Tags(), " "); got != "en hi de fr es" {
		t.Errorf("Tags() = %q", got)
	}
}

// A text that is the same as in English was forgotten, or is a name.
func TestLoad_EveryTextIsTranslated(t *testing.T) {
	same := []string{"brand", "clock.days", "clock.hours", "date.first", "date.am", "date.pm", "name.label", "unit.minutes", "pill.error"}
	english := mustLoad(t, English)
	for _, tag := range Tags()[1:] {
		l := mustLoad(t, tag)
		for key, e := range l.entries {
			there := english.entries[key].forms[0]
			if slices.Equal(e.forms[0].literals, there.literals) && strings.ContainsAny(strings.Join(there.literals, ""), "abcdefghijklmnopqrstuvwxyz") && !slices.Contains(same, key) {
				t.Errorf("%q is in English in %q", key, tag)
			}
		}
	}
}

func TestLoad_Unknown(t *testing.T) {
	for _, tag := range []string{"", "it", "EN", "../locales/en", "en.json"} {
		if l, err := Load(tag); err == nil {
			t.Errorf("Load(%q) = %v; want an error", tag, l.Tag())
		}
	}
}

func TestParse_Refuses(t *testing.T) {
	reference, err := Parse("en", []byte(`{"a": "{x} and {y}", "b": {"one": "{n} b", "other": "{n} bs"}}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	const b = `, "b": {"other": "{n} b"}}`
	for _, tt := range []struct{ file, want string }{
		{`{"a": "{y} und {x}"` + b, ""},
		{`{"a": "{x}, {y}, {x}"` + b, ""},
		{``, "JSON"},
		{`{"a": "{x} {y}"}`, `"b" is missing`},
		{`{"a": "{x} {y}", "c": "c"` + b, "not in the reference"},
		{`{"a": ""` + b, "empty"},
		{`{"a": " {x} {y}"` + b, "space"},
		{`{"a": "{x}"` + b, "leaves {y} out"},
		{`{"a": "{x} {y} {z}"` + b, "{z} is no argument"},
		{`{"a": "{x} {y} {"` + b, "brace"},
		{`{"a": "{x} {y} }"` + b, "brace"},
		{`{"a": 1` + b, "neither"},
		{`{"a": ["{x} {y}"]` + b, "neither"},
		{`{"a": "{x} {y}", "b": {"one": "{n}"}}`, `no form "other"`},
		{`{"a": "{x} {y}", "b": {"other": "{n}", "some": "{n}"}}`, `"some" is no plural form`},
		{`{"a": "{x} {y}", "b": {"other": "{n}", "one": "ein"}}`, ""},
	} {
		_, err := Parse("de", []byte(tt.file), reference)
		if tt.want == "" {
			if err != nil {
				t.Errorf("Parse(%s) = %v; want nil", tt.file, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Parse(%s) = %v; want %q in it", tt.file, err, tt.want)
		}
	}
	if _, err := Parse("no language", []byte(`{}`), nil); err == nil {
		t.Error("Parse with a bad tag = nil; want an error")
	}
}

func TestLanguage_T(t *testing.T) {
	l, err := Parse("en", []byte(`{"plain": "Get Session", "two": "{b} before {a}, {b} again", "n": {"one": "{who} has {n}", "other": "{who} have {n}s"}, "unit": {"one": "second left", "other": "seconds left"}}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		key  string
		args []any
		want string
	}{
		{"plain", nil, "Get Session"},
		{"two", []any{"<1>", 2}, "<1> before 2, <1> again"}, // as English first names them
		{"n", []any{"I", 1}, "I has 1"},
		{"n", []any{"we", int64(2)}, "we have 2s"},
		{"unit", []any{1}, "second left"},
		{"unit", []any{0}, "seconds left"},
		{"unit", nil, "unit"},
		{"nope", nil, "nope"},
		{"plain", []any{"x"}, "plain"},
		{"two", []any{"x"}, "two"},
		{"two", []any{"x", 1.5}, "two"},
		{"n", []any{"I", "1"}, "n"},
	} {
		if got := l.T(tt.key, tt.args...); got != tt.want {
			t.Errorf("T(%q, %v) = %q; want %q", tt.key, tt.args, got, tt.want)
		}
	}
}

func TestLanguage_HTML(t *testing.T) {
	l, err := Parse("en", []byte(`{"a": "A & {x} < {y}"}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := l.HTML("a", `<script>"'`, template.HTML("<b>y</b>"))
	if want := "A &amp; &lt;script&gt;&#34;&#39; &lt; <b>y</b>"; err != nil || string(got) != want {
		t.Errorf("HTML = %q, %v; want %q", got, err, want)
	}
	for _, args := range [][]any{nil, {"x"}, {"x", "y", "z"}, {"x", nil}} {
		if got, err := l.HTML("a", args...); err == nil {
			t.Errorf("HTML(%v) = %q; want an error", args, got)
		}
	}
	if got, err := l.HTML("nope"); err == nil {
		t.Errorf("HTML(nope) = %q; want an error", got)
	}
}

func TestLanguage_T_Plurals(t *testing.T) {
	for _, tt := range []struct {
		tag  string
		n    int64
		want string
	}{
		{"en", 0, "0 seconds"}, {"en", 1, "1 second"}, {"en", 2, "2 seconds"}, {"en", 21, "21 seconds"},
		{"de", 0, "0 Sekunden"}, {"de", 1, "1 Sekunde"}, {"de", 20, "20 Sekunden"},
		{"fr", 0, "0 seconde"}, {"fr", 1, "1 seconde"}, {"fr", 2, "2 secondes"}, {"fr", 34_560_000, "34560000 secondes"},
		{"es", 0, "0 segundos"}, {"es", 1, "1 segundo"}, {"es", 20, "20 segundos"}, {"es", 10_000_001, "10000001 segundos"}, {"es", 30_000_000_001, "30000000001 segundos"},
		{"hi", 0, "0 सेकंड"}, {"hi", 1, "1 सेकंड"}, {"hi", 20, "20 सेकंड"},
	} {
		l := mustLoad(t, tt.tag)
		if got := l.T("unit.seconds", tt.n); got != tt.want {
			t.Errorf("%s: T(unit.seconds, %d) = %q; want %q", tt.tag, tt.n, got, tt.want)
		}
	}
}
