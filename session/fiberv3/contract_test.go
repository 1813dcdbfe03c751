package fiberv3_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/cache"
	"github.com/gofiber/fiber/v3/middleware/csrf"
	"github.com/gofiber/fiber/v3/middleware/idempotency"
	"github.com/gofiber/fiber/v3/middleware/limiter"
	"github.com/gofiber/fiber/v3/middleware/session"

	"pagesession/internal/testkit"
	"pagesession/storage"
)

func openStorage(t *testing.T, clock storage.Clock) *storage.Storage {
	t.Helper()
	s, err := storage.Open(storage.Config{Database: t.TempDir() + "/keys.db", Clock: clock})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answer makes a request and returns status and body.
func answer(t *testing.T, app *fiber.App, path string, header ...string) (int, []byte) {
	t.Helper()
	req := httptest.NewRequest("POST", path, nil)
	if slices.Contains([]string{"/page", "/limited"}, path) {
		req.Method = "GET"
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := app.Test(req, fiber.TestConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	must(t, err)
	return res.StatusCode, body
}

// A limiter's key expires between the windows. It counts in seconds of the machine's
// clock, so this test has to let one pass.
func TestMiddleware_LimiterSecondWindow(t *testing.T) {
	clock := testkit.NewClock()
	s := openStorage(t, clock)
	app := fiber.New()
	app.Use(limiter.New(limiter.Config{Max: 3, Expiration: 2 * time.Second, Storage: s}))
	app.Get("/limited", func(c fiber.Ctx) error { return c.SendString("ok") })
	for window := range 2 {
		refused := 0
		for range 9 { // a window may turn while they run
			code, _ := answer(t, app, "/limited")
			if code == fiber.StatusTooManyRequests {
				refused++
			} else if code != fiber.StatusOK {
				t.Fatalf("a limited page = %d; want 200 or 429", code)
			}
		}
		if refused < 3 || refused > 6 {
			t.Errorf("window %d: %d of 9 requests were refused; want 6", window, refused)
		}
		if window == 0 {
			time.Sleep(2100 * time.Millisecond)
			clock.Advance(4 * time.Second)
		}
	}
}

func TestMiddleware_CacheKeepsLargePages(t *testing.T) {
	s := openStorage(t, testkit.NewClock())
	app := fiber.New()
	calls := 0
	app.Use(cache.New(cache.Config{Expiration: time.Minute, Storage: s}))
	app.Get("/page", func(c fiber.Ctx) error {
		calls++
		return c.Send(bytes.Repeat([]byte{'p'}, 100_000))
	})
	for i := range 3 {
		if code, body := answer(t, app, "/page"); code != fiber.StatusOK || len(body) != 100_000 {
			t.Errorf("request %d = %d with %d bytes; want 200 with 100000", i, code, len(body))
		}
	}
	if calls != 1 {
		t.Errorf("the page was made %d times; want 1", calls)
	}
}

func TestMiddleware_IdempotencyTwoLives(t *testing.T) {
	clock := testkit.NewClock()
	s := openStorage(t, clock)
	app := fiber.New()
	calls := 0
	app.Use(idempotency.New(idempotency.Config{Lifetime: time.Minute, Storage: s}))
	app.Post("/order", func(c fiber.Ctx) error {
		calls++
		return c.SendString(fmt.Sprint("order ", calls))
	})
	key := "00000000-0000-0000-0000-000000000001"
	for _, want := range []string{"order 1", "order 1", "", "order 2", "order 2"} {
		if want == "" {
			clock.Advance(time.Minute)
			continue
		}
		if code, body := answer(t, app, "/order", "X-Idempotency-Key", key); code != fiber.StatusOK || string(body) != want {
			t.Errorf("POST = %d %q; want 200 %q", code, body, want)
		}
	}
}

// The session example of Fiber's documentation: every method, at each visit.
func TestMiddleware_DocumentedSession(t *testing.T) {
	s := openStorage(t, testkit.NewClock())
	store := session.NewStore(session.Config{Storage: s})
	app := fiber.New()
	app.Post("/", func(c fiber.Ctx) error {
		sess, err := store.Get(c)
		if err != nil {
			return err
		}
		sess.Set("name", "john")
		name := sess.Get("name")
		sess.Delete("name")
		if err := sess.Destroy(); err != nil {
			return err
		}
		sess.SetIdleTimeout(2 * time.Second)
		if err := sess.Save(); err != nil {
			return err
		}
		return c.SendString(fmt.Sprintf("Welcome %v", name))
	})
	cookie := ""
	for i := range 3 {
		req := httptest.NewRequest("POST", "/", nil)
		if cookie != "" {
			req.Header.Set("Cookie", "session_id="+cookie)
		}
		res, err := app.Test(req, fiber.TestConfig{})
		must(t, err)
		body, _ := io.ReadAll(res.Body)
		if res.StatusCode != fiber.StatusOK || string(body) != "Welcome john" {
			t.Errorf("request %d = %d %q; want 200", i, res.StatusCode, body)
		}
		for _, c := range res.Cookies() {
			cookie = c.Value
		}
	}
}

// A CSRF token is good until it expires; a new one follows, under any key.
func TestMiddleware_CSRFTwoLives(t *testing.T) {
	clock := testkit.NewClock()
	s := openStorage(t, clock)
	app := fiber.New()
	token := "00000000-0000-0000-0000-000000000001" // the same key in each life
	app.Use(csrf.New(csrf.Config{IdleTimeout: time.Minute, Storage: s, KeyGenerator: func() string { return token }}))
	app.Get("/page", func(c fiber.Ctx) error { return c.SendString("form") })
	app.Post("/send", func(c fiber.Ctx) error { return c.SendString("sent") })
	send := func() int {
		code, _ := answer(t, app, "/send", "X-Csrf-Token", token, "Cookie", "csrf_="+token)
		return code
	}
	for life := range 3 {
		if code := send(); code != fiber.StatusForbidden {
			t.Errorf("life %d: a token that is not live = %d; want 403", life, code)
		}
		answer(t, app, "/page")
		if code := send(); code != fiber.StatusOK {
			t.Errorf("life %d: a live token = %d; want 200", life, code)
		}
		clock.Advance(time.Minute)
	}
}
