package main

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"pagesession/storage"
	"pagesession/storage/record"
)

// built is the product, built once for all tests that need the real one.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "pagesession-bench-test-")
	if err != nil {
		return "", err
	}
	builtDir = dir
	return buildOurs(context.Background(), dir)
})

// builtDir is where it is, "" where no test needed it.
var builtDir string

// removeBuilt takes it away again, after the tests.
func removeBuilt() {
	if builtDir != "" {
		_ = os.RemoveAll(builtDir)
	}
}

// testTrial is a trial with the real product, without a progress.
func testTrial(t *testing.T) trial {
	t.Helper()
	product, err := built()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lookAt(os.Getpid()); err != nil {
		t.Skipf("only where there is a /proc: %v", err)
	}
	return trial{workshop: workshop{product: product}, dir: t.TempDir(), progress: t.Output()}
}

// Planted sessions are live in the product, as many as were asked for, and
// hold what the product itself stores.
func TestPlant(t *testing.T) {
	t.Parallel()
	tr := testTrial(t)
	ids, err := plant(t.Context(), tr.dir, 300, longLife, 1)
	if err != nil {
		t.Fatal(err)
	}
	srv, err := startProduct(t.Context(), tr.workshop, tr.dir)
	if err != nil {
		t.Fatal(err)
	}
	l := load{url: srv.url + "/get/", ids: ids, expect: expectation{marker: liveMarker, cookie: true}, connections: 4}
	if res, err := visitEach(t.Context(), l); err != nil || res.Good != 300 || !res.flawless() {
		t.Errorf("visitEach = %+v, %v; want 300 good answers", res, err)
	}
	own := seedTest(t, srv.url, 1)[0]
	if err := srv.stop(); err != nil {
		t.Fatalf("stop = %v", err)
	}
	checkSameValue(t, tr.dir, ids[0], own)
}

// checkSameValue holds a planted session against one of the product's own.
func checkSameValue(t *testing.T, dir, planted, own string) {
	t.Helper()
	store, err := storage.Open(storage.Config{Database: sessionFile(dir)})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	a, b := store.Peek(record.KeyOf(planted)), store.Peek(record.KeyOf(own))
	if string(a.Value) != string(b.Value) || len(a.Value) == 0 {
		t.Errorf("planted value %q; the product stores %q", a.Value, b.Value)
	}
	if a.IdleTimeout != longLife.Idle || b.IdleTimeout != idleTimeout {
		t.Errorf("idle timeouts %v, %v; want %v, %v", a.IdleTimeout, b.IdleTimeout, longLife.Idle, idleTimeout)
	}
}

func TestPlant_StopsWithItsContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := plant(ctx, dir, 10, longLife, 1); err == nil {
		t.Error("plant with a context that is done = nil; want an error")
	}
}

func TestWhileAlive_EndsWithTheServer(t *testing.T) {
	t.Parallel()
	tr := testTrial(t)
	srv, err := startProduct(t.Context(), tr.workshop, tr.dir)
	if err != nil {
		t.Fatal(err)
	}
	alive, stop := srv.whileAlive(t.Context())
	defer stop()
	if err := srv.kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-alive.Done():
	case <-time.After(10 * time.Second):
		t.Error("the context did not end with the server")
	}
}
