package main

import (
	"context"
	"os"
	"regexp"
	"testing"
	"time"

	"pagesession/deploy/onemachine"
	"pagesession/internal/testkit"
)

// The command starts everything in an empty folder, and again in the same one, which has kept
// the session. It ends everything: its ports are free again.
func TestRun_KeepsSessions(t *testing.T) {
	need(t)
	dir, err := os.MkdirTemp("", "several") // the user of PostgreSQL cannot enter t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	var cookie testkit.Option
	during(t, dir, func(url string) {
		c := testkit.At(t, url)
		r := c.Get("set/?name=Pema").Wants(200, "Pema")
		for _, sent := range r.Cookies() {
			cookie = testkit.Cookie(sent.Name, sent.Value)
		}
	})
	during(t, dir, func(url string) {
		for range 4 { // one after the other by both servers
			testkit.At(t, url).Get("get/", cookie).Wants(200, "Pema")
		}
	})
}

// during runs the command with two servers, and calls do while they serve.
func during(t *testing.T, dir string, do func(url string)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var log testkit.Log
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"--dir", dir, "--addr", "127.0.0.1:0", "--servers", "2", "--", "--idle-timeout", "200s"}, &log)
	}()
	started := regexp.MustCompile(`behind (http://127\.0\.0\.1:\d+/),`)
	for started.FindString(log.String()) == "" {
		select {
		case err := <-ended:
			t.Fatalf("run = %v\n%s", err, log.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	url := started.FindStringSubmatch(log.String())[1]
	do(url)
	stop()
	if err := <-ended; err != nil {
		t.Errorf("run = %v; want nil after the stop", err)
	}
	if r, err := testkit.At(t, url).Try("GET", ""); err == nil {
		t.Errorf("nginx still answers %d after the stop", r.StatusCode)
	}
}

// need skips the test where a program is missing. CI has all of them.
func need(t *testing.T) {
	t.Helper()
	if err := onemachine.Installed(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}
