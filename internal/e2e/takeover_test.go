package e2e

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/session"
	"github.com/gofiber/fiber/v2/utils"
	"github.com/gofiber/storage/bbolt/v2"

	"pagesession/internal/testkit"
)

// stockFile makes a data folder whose file was written by Fiber's session
// middleware on the stock driver, and returns the ids of its sessions.
func stockFile(t *testing.T, newID func() string, names ...string) (dir string, ids []string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	driver := bbolt.New(bbolt.Config{Database: filepath.Join(dir, "sessions.db")})
	defer func() { _ = driver.Close() }()
	sessions := session.New(session.Config{Storage: driver, KeyLookup: "cookie:sessionid", KeyGenerator: newID})
	app := fiber.New()
	app.Get("/set/", func(c *fiber.Ctx) error {
		sess, err := sessions.Get(c)
		if err != nil {
			return err
		}
		sess.Set("name", utils.CopyString(c.Query("name")))
		return sess.Save()
	})
	for _, name := range names {
		res, err := app.Test(httptest.NewRequest("GET", "/set/?name="+name, nil), -1)
		if err != nil || res.StatusCode != http.StatusOK || len(res.Cookies()) != 1 {
			t.Fatalf("the stock driver's /set/ = %v, %v", res, err)
		}
		ids = append(ids, res.Cookies()[0].Value)
	}
	return dir, ids
}

// A file that the stock driver wrote is migrated: its sessions get the default lifetime,
// counted from now.
func TestTakeover_StockFile(t *testing.T) {
	t.Parallel()
	dir, ids := stockFile(t, rand.Text, "Pema", "Dorji")
	s := startIn(t, dir, "--idle-timeout", "30s")
	if !s.serving(2) {
		t.Errorf("taken over, but not 2 sessions:\n%s", s.out)
	}
	for i, name := range []string{"Pema", "Dorji"} {
		l := s.look(ids[i])
		if l.State != "live" || l.Name != name || l.remaining() > l.latest().Sub(l.got) || *l.IdleTimeoutMS != 30_000 {
			t.Errorf("session of %s: %s, %q, idle %v; want live, 30000", name, l.State, l.Name, *l.IdleTimeoutMS)
		}
		r := s.get("/get/", cookie(ids[i]))
		r.page(t, http.StatusOK, getTitle, name)
		r.live(t, "GET /get/", 30)
	}
	s.get("/del/", cookie(ids[0])).page(t, http.StatusOK, delTitle)
	s.stop()
	again := startIn(t, dir, "--idle-timeout", "30s")
	again.state(ids[0], "ended", "deleted")
	again.state(ids[1], "live", "")
	info, err := os.Stat(filepath.Join(dir, "sessions.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v; want 0600, the stock driver's is 0666", info.Mode().Perm(), err)
	}
	kept, _ := filepath.Glob(filepath.Join(dir, "sessions.db.older-*"))
	if len(kept) != 1 || !strings.Contains(s.out.String(), "the old file is kept and has session ids in clear, so delete it") {
		t.Errorf("kept %q; want the stock driver's file once, and a log that says what it holds:\n%s", kept, s.out)
		return
	}
	if info, err := os.Stat(kept[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the kept file = %v, %v; want 0600", info.Mode().Perm(), err)
	}
}

// Fiber's own ids are UUIDs with 122 random bits; the promise is 128. Their sessions are
// migrated as records, no cookie opens or removes them, and they expire.
func TestTakeover_StockID(t *testing.T) {
	t.Parallel()
	dir, ids := stockFile(t, utils.UUIDv4, "Pema")
	s := startIn(t, dir)
	if !s.serving(1) {
		t.Errorf("taken over, but not 1 session:\n%s", s.out)
	}
	s.state(ids[0], "none", "")
	r := s.get("/get/", cookie(ids[0]))
	r.page(t, http.StatusOK, noneTitle)
	r.silent(t, "GET /get/ with a stock id")
}

// A process that ignores our lock file still locks the session file.
func TestTakeover_FileInUse(t *testing.T) {
	t.Parallel()
	dir, _ := stockFile(t, rand.Text, "Pema")
	path := filepath.Join(dir, "sessions.db")
	driver := bbolt.New(bbolt.Config{Database: path})
	defer func() { _ = driver.Close() }()
	cmd := command("--addr", "127.0.0.1:0", "--data-dir", dir)
	var out testkit.Log
	cmd.Stdout, cmd.Stderr = &out, &out
	if code := bounded(t, cmd); code != 1 || !strings.Contains(out.String(), fmt.Sprintf("session file %q is used by ", path)) {
		t.Errorf("a file that the stock driver holds: exit %d, %q; want 1, in use", code, &out)
	}
	oneLine(t, "in use", out.String())
}
