package session_test

import (
	"testing"
	"time"

	"pagesession/session"
	"pagesession/session/storetest"
)

func TestNew_CookieNames(t *testing.T) {
	for _, tt := range []struct {
		plain, secure, path string
		ok                  bool
	}{
		{"id", "", "/", true}, {"id", "__Host-id", "/", true}, {"id", "__Secure-id", "/app/", true}, {"id", "other", "/app/", true},
		{"__Host-id", "", "/", true}, {"__Secure-id", "", "/app/", true}, // for a server that has only https
		{"id", "__Host-id", "/app/", false}, {"id", "__hOST-id", "/app/", false}, {"__Host-id", "", "/app/", false},
		{"__Host-id", "id", "/", false}, {"__secure-id", "__Secure-id", "/", false},
		{"id", "a b", "/", false}, {"id", "a=b", "/", false}, {"id", "a;b", "/", false}, {"id", "a\nb", "/", false},
	} {
		cfg := session.DefaultConfig()
		cfg.Store, cfg.CookieName, cfg.SecureCookieName, cfg.CookiePath = new(storetest.Memory), tt.plain, tt.secure, tt.path
		p, err := session.New(cfg)
		if (err == nil) != tt.ok {
			t.Errorf("New(%q, %q, path %q) = %v; want ok: %t", tt.plain, tt.secure, tt.path, err, tt.ok)
			continue
		}
		secure := tt.secure
		if secure == "" {
			secure = tt.plain
		}
		if tt.ok && (p.CookieName(false) != tt.plain || p.CookieName(true) != secure) {
			t.Errorf("names = %q, %q; want %q, %q", p.CookieName(false), p.CookieName(true), tt.plain, secure)
		}
	}
}

// The plain name counts until an instant, and not at it.
func TestFormerCookieName(t *testing.T) {
	now := time.Date(2026, time.November, 29, 12, 0, 0, 0, time.UTC)
	for until, want := range map[time.Time]string{
		{}: "", now: "", now.Add(-1): "", now.Add(1): "sessionid",
	} {
		cfg := session.DefaultConfig()
		cfg.Store, cfg.SecureCookieName, cfg.PlainNameUntil = new(storetest.Memory), "__Host-sessionid", until
		cfg.Now = func() time.Time { return now }
		p, err := session.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.FormerCookieName(); got != want {
			t.Errorf("FormerCookieName() %v before the end = %q; want %q", until.Sub(now), got, want)
		}
	}
	cfg := session.DefaultConfig()
	cfg.Store, cfg.PlainNameUntil = new(storetest.Memory), time.Now().Add(time.Hour)
	if p, err := session.New(cfg); err != nil || p.FormerCookieName() != "" {
		t.Error("one name is its own former name")
	}
}
