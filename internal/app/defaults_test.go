package app

import (
	"testing"

	"github.com/spf13/pflag"

	"pagesession/internal/config"
	"pagesession/session"
	"pagesession/storage"
)

// The packages that stand alone have defaults of their own; an operator reads
// of one number.
func TestDefaults_Agree(t *testing.T) {
	cfg, policy := defaults(t), session.DefaultConfig()
	if cfg.MaxSessions != storage.ConfigDefault.MaxSessions {
		t.Errorf("MaxSessions = %d; storage has %d", cfg.MaxSessions, storage.ConfigDefault.MaxSessions)
	}
	if cfg.IdleTimeout != policy.IdleTimeout || cfg.AbsoluteTimeout != policy.AbsoluteTimeout {
		t.Errorf("timeouts %v, %v; session has %v, %v", cfg.IdleTimeout, cfg.AbsoluteTimeout, policy.IdleTimeout, policy.AbsoluteTimeout)
	}
}

// defaults is what a server runs with when nothing is set.
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
