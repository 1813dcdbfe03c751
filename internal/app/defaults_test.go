package app

import (
	"testing"

	"pagesession/internal/config"
	"pagesession/internal/session"
	"pagesession/storage"
)

// The packages that stand alone have defaults of their own; an operator reads
// of one number.
func TestDefaults_Agree(t *testing.T) {
	cfg, policy := config.Default(), session.DefaultConfig()
	if cfg.MaxSessions != storage.ConfigDefault.MaxSessions {
		t.Errorf("MaxSessions = %d; storage has %d", cfg.MaxSessions, storage.ConfigDefault.MaxSessions)
	}
	if cfg.IdleTimeout != policy.IdleTimeout || cfg.AbsoluteTimeout != policy.AbsoluteTimeout {
		t.Errorf("timeouts %v, %v; session has %v, %v", cfg.IdleTimeout, cfg.AbsoluteTimeout, policy.IdleTimeout, policy.AbsoluteTimeout)
	}
}
