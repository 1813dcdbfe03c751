package app

import (
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/internal/testkit/collector"
)

// With an endpoint each request is a span, and so is what waits for a commit. The collector gets
// neither the id nor the name of a visitor, nor an address.
func TestTraces_Visitor(t *testing.T) {
	c := collector.Start(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir = "127.0.0.1:0", t.TempDir()
	addr, stop := serveIn(t, cfg, io.Discard)
	id := browse(t, addr)
	for end := time.Now().Add(testkit.Patience); len(c.Spans()) < 9 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond) // a busy machine sends late
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range c.Spans() {
		got = append(got, s.Name)
	}
	slices.Sort(got)
	want := []string{"GET /del/", "GET /get/", "GET /get/", "GET /set/", "GET /set/", "GET other", "create session", "create session", "end session"}
	if !slices.Equal(got, want) {
		t.Errorf("spans %q; want %q", got, want)
	}
	for _, secret := range []string{id, "Sonam", "127.0.0.1"} {
		if id == "" || strings.Contains(c.Raw(), secret) {
			t.Errorf("the collector got %q", secret)
		}
	}
}

// A variable that is wrong ends the start.
func TestTraces_BadEndpoint(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir = "127.0.0.1:0", t.TempDir()
	if err := Run(t.Context(), cfg, slog.New(slog.DiscardHandler), Process{}); err == nil || !strings.HasPrefix(err.Error(), "OTEL_EXPORTER_OTLP_ENDPOINT is not") {
		t.Errorf("Run = %v; want an error about the variable", err)
	}
}
