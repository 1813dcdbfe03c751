package peer

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/bench/load"
)

// TestMain lets the test binary run as what the bench starts: a peer, or a product
// that refuses to start.
func TestMain(m *testing.M) {
	os.Setenv("GORACE", "atexit_sleep_ms=0") // saves a second for each child
	switch {
	case len(os.Args) > 1 && os.Args[1] == Argument:
		if err := Serve(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	case len(os.Args) > 1 && os.Args[1] == "--addr":
		fmt.Fprintln(os.Stderr, "sessions.db is in use by process 1")
		os.Exit(1)
	}
	code := m.Run()
	if builtDir != "" {
		_ = os.RemoveAll(builtDir)
	}
	os.Exit(code)
}

// builtDir is the folder of the product, "" until a test needs it.
var builtDir string

// built returns a workshop with the product, built once for all tests, and its page.
var built = sync.OnceValues(func() (w Workshop, err error) {
	if builtDir, err = os.MkdirTemp("", "pagesession-bench-test-"); err != nil {
		return w, err
	}
	if w.Self, err = os.Executable(); err != nil {
		return w, err
	}
	if w.Product, err = Build(context.Background(), builtDir); err != nil {
		return w, err
	}
	srv, err := StartProduct(context.Background(), w, filepath.Join(builtDir))
	if err != nil {
		return w, err
	}
	defer srv.Stop()
	w.Page, err = TakePage(srv.URL)
	return w, err
})

func workshop(t *testing.T) Workshop {
	t.Helper()
	w, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// served runs a peer in this process until the test ends, and returns its URL.
func served(t *testing.T, served listener, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- served.Listener(at) }()
	t.Cleanup(func() {
		if err := served.(*fiberApp).ShutdownWithTimeout(5 * time.Second); err != nil {
			t.Errorf("shut down the peer: %v", err)
		}
		if err := <-ended; err != nil {
			t.Errorf("serve the peer: %v", err)
		}
	})
	return "http://" + at.Addr().String()
}

func seed(t *testing.T, url string, n int) []string {
	t.Helper()
	ids, err := load.Seed(t.Context(), url, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// workersIn returns the processes that work in a folder, on Linux.
func workersIn(dir string) []string {
	var found []string
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, dir) {
			found = append(found, link)
		}
	}
	return found
}

func procKnown() bool {
	_, err := os.Stat("/proc/self/cwd")
	return err == nil
}
