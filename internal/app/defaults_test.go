package app

import (
	"testing"

	"github.com/spf13/pflag"

	"pagesession/internal/config"
	"pagesession/session"
	"pagesession/storage"
)

// The public packages have their own defaults, which must be the documented ones.
func TestDefaults_Agree(t *testing.T) {
	cfg, policy := defaults(t), session.DefaultConfig()
	if cfg.MaxSessions != storage.ConfigDefault.MaxSessions {
		t.Errorf("MaxSessions = %d; storage has %d", cfg.MaxSessions, storage.ConfigDefault.MaxSessions)
	}
	if cfg.CookieName != policy.CookieName {
		t.Errorf("CookieName = %q; session has %q", cfg.CookieName, policy.CookieName)
	}
	if cfg.IdleTimeout != policy.IdleTimeout || cfg.AbsoluteTimeout != policy.AbsoluteTimeout {
		t.Errorf("timeouts %v, %v; session has %v, %v", cfg.IdleTimeout, cfg.AbsoluteTimeout, policy.IdleTimeout, policy.AbsoluteTimeout)
	}
}

// defaults returns the settings of a server without any flag or variable.
func defaults(t testing.TB) config.Config {
	t.Helper()
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	config.Bind(flags)
	loaded, err := config.Load(flags, nil, "serve")
	if err != nil {
		t.Fatal(err)
	}
	return loaded.Config
}
