package fiberv2_test

import (
	"errors"
	"testing"
	"time"

	"pagesession/session"
	"pagesession/session/fiberv2"
)

func TestDefaultConfig(t *testing.T) {
	c := fiberv2.DefaultConfig()
	if c.CookieName != "sessionid" || c.CookiePath != "/" || c.SameSite != "Lax" {
		t.Errorf("cookie = %q, %q, %q; want sessionid, /, Lax", c.CookieName, c.CookiePath, c.SameSite)
	}
	if c.IdleTimeout != 20*time.Second || c.AbsoluteTimeout != 12*time.Hour {
		t.Errorf("timeouts = %v, %v; want 20s, 12h", c.IdleTimeout, c.AbsoluteTimeout)
	}
}

func TestNew_FillsIn(t *testing.T) {
	p, err := fiberv2.New(fiberv2.Config{Config: session.Config{Store: newFakeStore(), IdleTimeout: time.Second}})
	if err != nil {
		t.Fatalf("New() = %v; want nil", err)
	}
	if got := p.Store().KeyLookup; got != "cookie:sessionid" {
		t.Errorf("KeyLookup = %q; want cookie:sessionid", got)
	}
}

func TestNew_Refuses(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*fiberv2.Config)
		want   error
	}{
		"no store":          {func(c *fiberv2.Config) { c.Store = nil }, nil},
		"idle 0":            {func(c *fiberv2.Config) { c.IdleTimeout = 0 }, session.ErrTimeout},
		"idle below 1s":     {func(c *fiberv2.Config) { c.IdleTimeout = time.Second - 1 }, session.ErrTimeout},
		"absolute too low":  {func(c *fiberv2.Config) { c.AbsoluteTimeout = 20*time.Second - 1 }, session.ErrTimeout},
		"absolute negative": {func(c *fiberv2.Config) { c.AbsoluteTimeout = -1 }, session.ErrTimeout},
		"name with colon":   {func(c *fiberv2.Config) { c.CookieName = "a:b" }, nil},
		"name with equals":  {func(c *fiberv2.Config) { c.CookieName = "a=b" }, nil},
		"name with newline": {func(c *fiberv2.Config) { c.CookieName = "a\r\nb" }, nil},
		"relative path":     {func(c *fiberv2.Config) { c.CookiePath = "admin" }, nil},
		"path, attribute":   {func(c *fiberv2.Config) { c.CookiePath = "/; Domain=x" }, nil},
		"__Host- below /":   {func(c *fiberv2.Config) { c.CookieName, c.CookiePath = "__Host-id", "/app/" }, nil},
		"SameSite None":     {func(c *fiberv2.Config) { c.SameSite = "None" }, nil},
	} {
		cfg := fiberv2.DefaultConfig()
		cfg.Store = newFakeStore()
		test.change(&cfg)
		p, err := fiberv2.New(cfg)
		if p != nil || err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: New() = %v, %v; want an error", name, p, err)
		}
	}
	cfg := fiberv2.DefaultConfig()
	cfg.Store, cfg.AbsoluteTimeout = newFakeStore(), 0
	if _, err := fiberv2.New(cfg); err != nil {
		t.Errorf("New() without an absolute timeout = %v; want nil", err)
	}
}
