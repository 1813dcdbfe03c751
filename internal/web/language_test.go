package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/internal/basepath"
	"pagesession/internal/testkit"
	"pagesession/internal/text"
)

// speaking makes an app of one language.
func speaking(language string) func(*Config) {
	return func(cfg *Config) {
		var err error
		if cfg.Languages, err = LoadLanguages(language); err != nil {
			panic(err)
		}
	}
}

// A few pages of each language, to be read by people who speak it.
func TestPages_GoldenInEachLanguage(t *testing.T) {
	for _, tag := range text.Tags()[1:] {
		all := pages(t, speaking(tag))
		for _, name := range []string{"get", "home_none", "get_ended", "error_404"} {
			got := hash.ReplaceAllString(all[name], "$1.")
			compare(t, filepath.Join("testdata", tag, name+".golden"), got)
		}
	}
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test ./internal/web -update writes it", err)
	}
	if got != string(want) {
		t.Errorf("differs from %s; got:\n%s", file, got)
	}
}

// Each page says the language that it is in, twice; nothing else does.
func TestLanguage_IsSaid(t *testing.T) {
	for _, tag := range text.Tags() {
		app, _ := newApp(t, liveView("Sonam"), speaking(tag))
		for _, target := range []string{"/", "/set/", "/get/", "/del/", "/nope", "/set/?name=%00"} {
			a := ask(t, app, "GET", target, "", "Accept-Language: fr, es;q=0.5")
			a.Has(`<html lang="` + tag + `">`)
			if got := a.Header.Get("Content-Language"); got != tag {
				t.Errorf("%s: GET %s has Content-Language %q", tag, target, got)
			}
			if vary := strings.Join(a.Header.Values("Vary"), ", "); strings.Contains(vary, "Accept-Language") {
				t.Errorf("%s: GET %s has Vary %q; a fixed language does not vary", tag, target, vary)
			}
		}
		for _, target := range []string{"/session/", "/static/style.css", "/livez"} {
			if got := ask(t, app, "GET", target, "").Header.Get("Content-Language"); got != "" {
				t.Errorf("%s: GET %s has Content-Language %q; want none", tag, target, got)
			}
		}
	}
}

func TestLanguage_Auto(t *testing.T) {
	app, _ := newApp(t, liveView("Sonam"), speaking(text.Auto))
	for _, tt := range []struct{ accept, want string }{
		{"", "en"}, {"de", "de"}, {"de-AT,de;q=0.9,en;q=0.8", "de"}, {"hi-IN", "hi"}, {"ja", "en"},
		{"ja,es;q=0.1", "es"}, {"de;q=0,fr;q=0.1", "fr"}, {"*", "en"}, {"garbage ///", "en"},
	} {
		for _, target := range []string{"/", "/get/", "/set/", "/nope"} {
			a := ask(t, app, "GET", target, "", "Accept-Language: "+tt.accept)
			a.Has(`<html lang="` + tt.want + `">`)
			if got := a.Header.Get("Content-Language"); got != tt.want {
				t.Errorf("GET %s for %q is in %q; want %q", target, tt.accept, got, tt.want)
			}
			if vary := strings.Join(a.Header.Values("Vary"), ", "); !strings.Contains(vary, "Accept-Language") {
				t.Errorf("GET %s for %q has Vary %q; want Accept-Language in it", target, tt.accept, vary)
			}
		}
	}
	a := ask(t, app, "GET", "/session/", "", "Accept-Language: de")
	if vary := strings.Join(a.Header.Values("Vary"), ", "); strings.Contains(vary, "Accept-Language") {
		t.Errorf("GET /session/ has Vary %q; JSON is the same for all", vary)
	}
}

func TestLanguage_Unknown(t *testing.T) {
	for _, tag := range []string{"it", "../en", "DE"} {
		if _, err := LoadLanguages(tag); err == nil {
			t.Errorf("LoadLanguages(%q) = nil; want an error", tag)
		}
	}
}

func TestFallback_Language(t *testing.T) {
	for _, tt := range []struct{ language, accept, want, starting, tooLarge string }{
		{"de", "fr", "de", "Vorübergehend nicht verfügbar", "Formular zu groß"},
		{"auto", "fr", "fr", "Temporairement indisponible", "Formulaire trop volumineux"},
		{"auto", "", "en", "Temporarily unavailable", "Form too large"},
	} {
		languages, err := LoadLanguages(tt.language)
		if err != nil {
			t.Fatal(err)
		}
		f, err := NewFallback(languages, basepath.Path{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for title, answer := range map[string]func(*fasthttp.RequestCtx){
			tt.starting: f.Starting,
			tt.tooLarge: func(ctx *fasthttp.RequestCtx) { f.Answer(ctx, fasthttp.StatusRequestEntityTooLarge) },
		} {
			a := testkit.To(t, answer).Get("/", testkit.Header("Accept-Language", tt.accept))
			a.Has(`<html lang="`+tt.want+`">`, "<h1>"+title+"</h1>")
			vary := a.Header.Get("Vary")
			if got := a.Header.Get("Content-Language"); got != tt.want || (vary == "Accept-Language") != (tt.language == "auto") {
				t.Errorf("in %s for %q: Content-Language %q, Vary %q", tt.language, tt.accept, got, vary)
			}
		}
	}
}

// Probes see a living process before there are pages.
func TestFallback_Starting(t *testing.T) {
	f, err := NewFallback(newLanguages(english(t).Language), basepath.Path{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.NotReady = func() string { return "the disk sleeps" }
	for _, tt := range []struct {
		method, path     string
		code             int
		body, retryAfter string
	}{
		{"GET", "/livez", 200, "ok", ""},
		{"POST", "/livez", 503, "", "1"},
		{"GET", "/livez/", 503, "", "1"},
		{"GET", "/readyz", 503, "not ready: the disk sleeps", "1"},
		{"GET", "/readyz?verbose", 503, "not ready: the disk sleeps", "1"},
		{"POST", "/readyz", 503, "", "1"},
		{"GET", "/get/", 503, "", "1"},
		{"DELETE", "/", 503, "", "1"},
	} {
		a := testkit.To(t, f.Starting).Do(tt.method, tt.path)
		h := a.Header
		if a.StatusCode != tt.code || tt.body != "" && a.Text != tt.body || h.Get("Retry-After") != tt.retryAfter {
			t.Errorf("%s %s = %d, %q, Retry-After %q; want %d, %q, %q", tt.method, tt.path, a.StatusCode, a.Text, h.Get("Retry-After"), tt.code, tt.body, tt.retryAfter)
		}
		if h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Set-Cookie") != "" {
			t.Errorf("%s %s: header %v; want no-store, nosniff, no cookie", tt.method, tt.path, h)
		}
	}
}

// A date is in the visitor's zone as the operator says, by the rules that hold
// on that day; machines get UTC.
func TestTimeZone(t *testing.T) {
	winter, summer := "2026-11-22T22:22:05Z", "2026-07-22T22:22:05Z"
	for _, tt := range []struct{ zone, language, at, want string }{
		{"UTC", "en", winter, `>Nov. 22, 2026, 10:22:05 p.m.</time> <abbr title="Coordinated Universal Time">UTC<`},
		{"Europe/Berlin", "de", winter, `>22. November 2026, 23:22:05</time> <abbr title="Europe/Berlin">CET<`},
		{"Europe/Berlin", "de", summer, `>23. Juli 2026, 00:22:05</time> <abbr title="Europe/Berlin">CEST<`},
		{"Europe/Paris", "fr", winter, `>22 novembre 2026 à 23:22:05</time> <abbr title="Europe/Paris">CET<`},
		{"America/Bogota", "es", winter, `>22 de noviembre de 2026, 17:22:05</time> <abbr title="America/Bogota">UTC-05<`},
		{"Asia/Kathmandu", "en", winter, `>Nov. 23, 2026, 4:07:05 a.m.</time> <abbr title="Asia/Kathmandu">UTC&#43;0545<`},
		{"Asia/Kolkata", "hi", winter, `>23 नवंबर 2026, 3:52:05 am</time> <abbr title="Asia/Kolkata">IST<`},
		{"America/New_York", "en", summer, `>July 22, 2026, 6:22:05 p.m.</time> <abbr title="America/New_York">EDT<`},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		view := liveView("Sonam")
		if view.Expires, err = time.Parse(time.RFC3339, tt.at); err != nil {
			t.Fatal(err)
		}
		app, _ := newApp(t, view, speaking(tt.language), func(cfg *Config) { cfg.TimeZone = zone })
		ask(t, app, "GET", "/get/", "").Has(tt.want, `datetime="`+tt.at+`"`)
	}
}

// Prerendered pages are what makes /get/ fast, in every language.
func TestLocalized_IsPrerendered(t *testing.T) {
	for _, tag := range text.Tags() {
		if p := pagesIn(t, tag); p.get == nil || p.set == nil {
			t.Errorf("in %q: /get/ %v, /set/ %v", tag, p.get, p.set)
		}
	}
}
