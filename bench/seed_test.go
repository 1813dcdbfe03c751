package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
)

func TestSeedSessions(t *testing.T) {
	url := serve(t, memoryPeer())
	ids := seedTest(t, url, 300)
	slices.Sort(ids)
	if got := len(slices.Compact(ids)); got != 300 || ids[0] == "" {
		t.Errorf("seeded %d different ids, the first %q; want 300", got, ids[0])
	}
}

func TestSeedSessions_Errors(t *testing.T) {
	refusing := newPeerApp()
	refusing.Get("/set/", func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusServiceUnavailable) })
	for name, test := range map[string]struct{ url, want string }{
		"not a URL":  {"127.0.0.1:8000", "is not like"},
		"refuses":    {serve(t, refusing), "answered 503"},
		"no server":  {"http://127.0.0.1:1", "seed session"},
		"no session": {serve(t, pagePeer()), "answered 404"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := seedSessions(t.Context(), test.url, 10, 1)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("seedSessions error = %v; want %q in it", err, test.want)
			}
		})
	}
}

func TestSeedCommand_WritesForItsOwnerOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ids.txt")
	if err := os.WriteFile(file, []byte("old and open to all"), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"-n", "5", "-url", serve(t, memoryPeer()) + "/", "-o", file}
	if err := seedCommand(t.Context(), args); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil || len(strings.Fields(string(data))) != 5 {
		t.Errorf("ids = %q, %v; want 5 lines", data, err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 && os.PathSeparator == '/' {
		t.Errorf("mode = %v, %v; want 0600", info.Mode(), err)
	}
}

func TestCookieValue(t *testing.T) {
	for cookie, want := range map[string]string{
		"sessionid=abc; Max-Age=20; Path=/": "abc",
		"sessionid=abc":                     "abc",
		`sessionid=""; Max-Age=0`:           "",
		"sessionid=":                        "",
		"":                                  "",
	} {
		if got := cookieValue([]byte(cookie)); got != want {
			t.Errorf("cookieValue(%q) = %q; want %q", cookie, got, want)
		}
	}
}
