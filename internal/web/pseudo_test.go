package web

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pagesession/internal/text"
)

// pseudo is a language in which every text is its arguments and an attack,
// between marks.
func pseudo(t *testing.T) *text.Language {
	t.Helper()
	texts := map[string]any{}
	for key, value := range catalogue(t) {
		texts[key] = marked(string(value))
		if value[0] == '{' {
			texts[key] = map[string]any{"one": texts[key], "other": texts[key]}
		}
	}
	for key := range texts {
		if strings.HasPrefix(key, "date.") {
			texts[key] = "⟦⟧"
		}
	}
	texts["date.months"] = strings.Repeat("⟦⟧ ", 11) + "⟦⟧"
	file, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	l, err := text.Parse("en-XA", file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const attack = `<i>&"'`

// marked keeps a text's arguments.
func marked(value string) string {
	args := regexp.MustCompile(`\{[a-z0-9]+\}`).FindAllString(value, -1)
	seen := map[string]bool{}
	text := "⟦" + attack
	for _, arg := range args {
		if !seen[arg] {
			text += arg
		}
		seen[arg] = true
	}
	return text + "⟧"
}

// In a language without letters no page has any: all that a visitor reads or
// hears comes from the catalogue, and is escaped.
func TestTexts_NothingElseIsSaid(t *testing.T) {
	l := pseudo(t)
	all := pages(t, func(cfg *Config) { cfg.Languages = newLanguages(l) })
	if len(all) == 0 {
		t.Fatal("no pages")
	}
	for name, page := range all {
		if strings.Contains(page, "<i>") {
			t.Errorf("%s shows a text unescaped:\n%s", name, page)
		}
		if !strings.HasPrefix(page, "<!DOCTYPE html>\n<html lang=\"en-XA\">") {
			t.Errorf("%s does not say its language:\n%.80s", name, page)
		}
		for _, said := range saidIn(t, page) {
			if hasLetter(said) {
				t.Errorf("%s says %q, which is not in the catalogue", name, said)
			}
		}
	}
}

// notTexts are what pages show that is in no language: names that visitors
// have here, and the zone of a date.
var notTexts = []string{"Sonam", "Robin", "a\uFFFDb", "UTC"}

func hasLetter(said string) bool {
	for _, value := range notTexts {
		said = strings.ReplaceAll(said, value, "")
	}
	said = strings.ReplaceAll(said, attack, "")
	said = strings.ReplaceAll(said, "{n}", "") // for a script to fill in
	return strings.ContainsFunc(said, unicode.IsLetter)
}

// spoken are the attributes that a person may hear or see.
var spoken = regexp.MustCompile(`^(aria-(label|description|valuetext|roledescription)|title|alt|placeholder|value|label|data-(text|zero|one|two|few|many|other)[a-z-]*)$`)

var hiddenInput = xml.Attr{Name: xml.Name{Local: "type"}, Value: "hidden"}

// saidIn returns all text of a page, and the attributes that are said.
func saidIn(t *testing.T, page string) []string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var said []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return said
		}
		if err != nil {
			t.Fatalf("%v in:\n%s", err, page)
		}
		switch token := token.(type) {
		case xml.CharData:
			said = append(said, strings.TrimSpace(string(token)))
		case xml.StartElement:
			for _, a := range token.Attr {
				if a.Name.Local == "value" && slices.Contains(token.Attr, hiddenInput) {
					continue
				}
				if spoken.MatchString(a.Name.Local) {
					said = append(said, a.Value)
				}
			}
		}
	}
}

func TestSaidIn(t *testing.T) {
	got := strings.Join(saidIn(t, `<!DOCTYPE html><p aria-label="a" class="no" hidden>b <b title="c">d</b> &lt;e<input placeholder="f"><input type="hidden" value="no"></p>`), "|")
	if want := "a|b|c|d|<e|f"; got != want {
		t.Errorf("saidIn = %q; want %q", got, want)
	}
}
