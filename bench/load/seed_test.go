package load

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/valyala/fasthttp"
)

func TestSeed(t *testing.T) {
	url := newServer(t).url
	ids := seed(t, url, 300)
	slices.Sort(ids)
	if got := len(slices.Compact(ids)); got != 300 || ids[0] == "" {
		t.Errorf("seeded %d different ids, the first %q; want 300", got, ids[0])
	}
}

func TestSeed_Errors(t *testing.T) {
	refusing := newServer(t, func(c *fasthttp.RequestCtx) bool { c.SetStatusCode(503); return true })
	for name, test := range map[string]struct{ url, want string }{
		"not a URL":  {"127.0.0.1:8000", "write the address like"},
		"refuses":    {refusing.url, "answered 503"},
		"no server":  {"http://127.0.0.1:1", "seed session"},
		"no session": {newServer(t, func(c *fasthttp.RequestCtx) bool { c.SetStatusCode(404); return true }).url, "answered 404"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Seed(t.Context(), test.url, 10, 1)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Seed error = %v; want %q in it", err, test.want)
			}
		})
	}
}

func TestWriteIDs_ForItsOwnerOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ids.txt")
	if err := os.WriteFile(file, []byte("old, and readable by all"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := WriteIDs(file, Strangers(5)); err != nil {
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

func TestShare(t *testing.T) {
	var done atomic.Int64
	if err := Share(t.Context(), 100, 7, func(_, _ int) error { done.Add(1); return nil }); err != nil || done.Load() != 100 {
		t.Errorf("Share = %v, %d done; want all 100", err, done.Load())
	}
	planned := errors.New("planned")
	err := Share(t.Context(), 100, 1, func(_, i int) error {
		if i == 3 {
			return planned
		}
		done.Store(int64(i))
		return nil
	})
	if !errors.Is(err, planned) || done.Load() != 2 {
		t.Errorf("Share = %v after %d; want the fourth item's error, at once", err, done.Load())
	}
}
