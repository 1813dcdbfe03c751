package main

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// serveStandIn is the test binary in the product's place: the memory peer
// behind the product's arguments, ready after a moment, stopped by SIGTERM.
// PAGESESSION_BENCH_TEST makes it refuse to start, or stop badly.
func serveStandIn() {
	how := os.Getenv("PAGESESSION_BENCH_TEST")
	if how == "refuse" {
		fmt.Fprintln(os.Stderr, "sessions.db is in use by process 1")
		os.Exit(1)
	}
	app := memoryPeer()
	ready := time.Now().Add(100 * time.Millisecond)
	app.Get("/readyz", func(c *fiber.Ctx) error {
		if time.Now().Before(ready) {
			return c.SendStatus(fiber.StatusServiceUnavailable)
		}
		return c.SendStatus(fiber.StatusOK)
	})
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() { _ = app.Listen(os.Args[2]) }()
	<-stop
	if how == "stop badly" {
		os.Exit(3)
	}
	os.Exit(0)
}

func standIn(t *testing.T) workshop {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return workshop{product: self}
}

func TestTake_Ours(t *testing.T) {
	for how, wantNote := range map[string]string{"": "", "stop badly": "stopped badly: exit status 3"} {
		t.Setenv("PAGESESSION_BENCH_TEST", how)
		b := &bench{opt: testOptions(), client: ownClient{}, workshop: standIn(t), dir: t.TempDir()}
		for _, m := range measures(b.opt) {
			r, err := b.take(t.Context(), step{measure: m, peer: choosePeers([]string{ours})[0], round: 1})
			if err != nil || r.Good == 0 || r.Expired+r.Wrong+r.Errors != 0 || r.Note != wantNote {
				t.Errorf("%s %q: take = %+v, %v; want good answers and note %q", m.name, how, r, err, wantNote)
			}
		}
	}
}

func TestStartOurs_Refused(t *testing.T) {
	t.Setenv("PAGESESSION_BENCH_TEST", "refuse")
	began := time.Now()
	_, err := startOurs(t.Context(), standIn(t), t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "in use by process 1") || time.Since(began) > 5*time.Second {
		t.Errorf("startOurs error = %v after %s; want the product's own words at once", err, time.Since(began))
	}
}

func TestModuleRoot(t *testing.T) {
	root, err := moduleRoot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "bench", "main.go")); err != nil {
		t.Errorf("moduleRoot = %q; want the folder above this one", root)
	}
}
