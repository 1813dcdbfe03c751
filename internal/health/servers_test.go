package health_test

import (
	"testing"

	"pagesession/internal/health"
)

func TestServers(t *testing.T) {
	f := health.Servers("redis://127.0.0.1:6379", []string{"One.", "Two."})
	if want := (health.File{Name: "servers", Path: "redis://127.0.0.1:6379", State: "ok", Notice: "One. Two."}); f != want || !f.OK() || f.IsSessionServer() || !f.OfServers() {
		t.Errorf("Servers = %+v; want %+v", f, want)
	}
}
