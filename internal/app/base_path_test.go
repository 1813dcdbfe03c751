package app

import (
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"pagesession/internal/basepath"
	"pagesession/internal/config"
	"pagesession/internal/testkit"
	"pagesession/internal/web"
)

func belowPages(t *testing.T) config.Config {
	t.Helper()
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir = "127.0.0.1:0", t.TempDir()
	var err error
	if cfg.BasePath, err = basepath.Parse("/pages/"); err != nil {
		t.Fatal(err)
	}
	return cfg
}

// The printed link and the log name addresses that can be opened.
func TestRun_NamesTheBasePath(t *testing.T) {
	notices, log := runOnce(t, belowPages(t))
	if !regexp.MustCompile(`http://127\.0\.0\.1:\d+/pages/admin/first-run/#key=[A-Z2-7]{26}\n$`).MatchString(notices) {
		t.Errorf("notices %q; want the link below /pages/", notices)
	}
	if !regexp.MustCompile(`msg=serving url=http://127\.0\.0\.1:\d+/pages/ `).MatchString(log) {
		t.Errorf("log %q; want the address with /pages/", log)
	}
}

// Before the server is ready the base path counts already.
func TestApp_StartsBelowTheBasePath(t *testing.T) {
	languages, err := web.LoadLanguages("en")
	if err != nil {
		t.Fatal(err)
	}
	a := &app{cfg: belowPages(t), log: slog.New(slog.DiscardHandler), process: Process{Notices: io.Discard}}
	if a.fallback, err = web.NewFallback(languages, a.cfg.BasePath, nil); err != nil {
		t.Fatal(err)
	}
	client := testkit.To(t, a.below(a.fallback.Starting))
	client.Get("/livez").Wants(200, "ok")
	client.Get("/pages/livez").Wants(200, "ok")
	client.Get("/readyz").Wants(503)
	for path, status := range map[string]int{"/pages/get/": 503, "/pages/": 503, "/get/": 404, "/": 404} {
		if page := client.Get(path).Wants(status, `href="/pages/static/style.css"`, `href="/pages/"`); strings.Contains(page.Text, `="/static`) {
			t.Errorf("GET %s has an address that is not below /pages/", path)
		}
	}
	if to := client.Get("/pages?x=1").Wants(301).Header.Get("Location"); to != "/pages/?x=1" {
		t.Errorf("GET /pages?x=1 leads to %q", to)
	}
}
