package storage_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/session"
	"pagesession/internal/testkit"
	"pagesession/storage"
)

// Fiber's session middleware on this storage, wired as in any app.
func middlewareApp(s *storage.Storage) (*fiber.App, *session.Store) {
	store := session.New(session.Config{Storage: s, Expiration: 20 * time.Second})
	app := fiber.New()
	app.Get("/set", func(c *fiber.Ctx) error {
		sess, err := store.Get(c)
		if err != nil {
			return err
		}
		sess.Set("name", "Sonam")
		return sess.Save()
	})
	app.Get("/get", func(c *fiber.Ctx) error {
		sess, err := store.Get(c)
		if err != nil {
			return err
		}
		name, _ := sess.Get("name").(string)
		return c.SendString(name)
	})
	app.Get("/del", func(c *fiber.Ctx) error {
		sess, err := store.Get(c)
		if err != nil {
			return err
		}
		return sess.Destroy()
	})
	return app, store
}

func request(t *testing.T, app *fiber.App, path, cookie string) (body, newCookie string) {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, path, nil)
	if cookie != "" {
		req.Header.Set("Cookie", "session_id="+cookie)
	}
	res, err := app.Test(req)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s = %v, %v; want 200", path, res, err)
	}
	defer func() { _ = res.Body.Close() }()
	b := make([]byte, 100)
	n, _ := res.Body.Read(b)
	for _, c := range res.Cookies() {
		newCookie = c.Value
	}
	return string(b[:n]), newCookie
}

func TestMiddleware_SetGetExpire(t *testing.T) {
	clock := testkit.NewClock()
	s := open(t, testConfig(t, clock))
	app, _ := middlewareApp(s)
	_, id := request(t, app, "/set", "")
	clock.Advance(20*time.Second - ms)
	if got, _ := request(t, app, "/get", id); got != "Sonam" {
		t.Errorf("name before the end = %q; want Sonam", got)
	}
	clock.Advance(ms)
	if got, _ := request(t, app, "/get", id); got != "" {
		t.Errorf("name after the end = %q; want none", got)
	}
}

func TestMiddleware_DeleteStaysDeleted(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	s := open(t, cfg)
	app, _ := middlewareApp(s)
	_, id := request(t, app, "/set", "")
	request(t, app, "/del", id)
	if got, _ := request(t, app, "/get", id); got != "" {
		t.Errorf("name after /del = %q; want none", got)
	}
}

// A Save that lost the race against a deletion is refused.
func TestMiddleware_LateSaveIsRefused(t *testing.T) {
	s := open(t, testConfig(t, testkit.NewClock()))
	app, store := middlewareApp(s)
	_, id := request(t, app, "/set", "")
	var saved error
	app.Get("/race", func(c *fiber.Ctx) error {
		sess, err := store.Get(c)
		if err != nil {
			return err
		}
		if err := s.Delete(id); err != nil { // as from another tab
			return err
		}
		saved = sess.Save()
		return nil
	})
	request(t, app, "/race", id)
	if !errors.Is(saved, storage.ErrEnded) {
		t.Errorf("Save after the deletion = %v; want ErrEnded", saved)
	}
	if got, _ := request(t, app, "/get", id); got != "" {
		t.Errorf("name after the race = %q; want none", got)
	}
}
