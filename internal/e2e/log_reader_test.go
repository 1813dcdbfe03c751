package e2e

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A reader of the log that stops reading, or goes away, costs log lines only: requests
// that log are answered, and the server stops in time.
func TestLog_ReaderStallsOrDies(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]bool{"stalls": false, "dies": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reader, stderr, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer reader.Close()
			addr := freeAddress(t)
			cmd := command("--addr", addr, "--data-dir", filepath.Join(t.TempDir(), "data"), "--debug")
			cmd.Stderr = stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			_ = stderr.Close()
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			t.Cleanup(func() { _ = cmd.Process.Kill() })
			if gone {
				_ = reader.Close()
			}
			client := &http.Client{Timeout: 10 * time.Second}
			waitReady(t, client, addr)
			for range 1500 { // each logs more than 100 bytes: twice what a pipe holds
				answer, err := client.Get("http://" + addr + "/nowhere")
				if err != nil {
					t.Fatalf("GET /nowhere: %v; want an answer", err)
				}
				_ = answer.Body.Close()
			}
			_ = cmd.Process.Signal(syscall.SIGTERM)
			client.CloseIdleConnections()
			select {
			case err := <-ended:
				if err != nil {
					t.Errorf("the server ended with %v; want exit code 0", err)
				}
			case <-time.After(stopTime):
				t.Errorf("the server still runs %v after SIGTERM", stopTime)
			}
		})
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

func waitReady(t *testing.T, client *http.Client, addr string) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		answer, err := client.Get("http://" + addr + "/readyz")
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(end) {
			t.Fatalf("not ready after 30s: %v", err)
		}
	}
}
