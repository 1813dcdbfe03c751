package fiberv2_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/session"
	"pagesession/storage/record"
)

// A handler that was written for Fiber's session middleware works on Sessions.Store.
func fibersOwn(k *kit) *fiber.App {
	app := fiber.New()
	store := k.Store()
	app.Get("/", func(c *fiber.Ctx) error {
		sess, err := store.Get(c)
		if err != nil {
			return err
		}
		name, _ := sess.Get("name").(string)
		if c.Query("end") != "" {
			return sess.Destroy()
		}
		sess.Set("name", c.Query("name"))
		if err := sess.Save(); err != nil {
			return err
		}
		return c.SendString(name)
	})
	return app
}

func TestFiber_HandlerWorksUnchanged(t *testing.T) {
	k := newKit(t)
	app := fibersOwn(k)
	id := ""
	get := func(query string) (status int, body string) {
		t.Helper()
		req := httptest.NewRequest("GET", "/"+query, nil)
		if id != "" {
			req.Header.Set("Cookie", "sessionid="+id)
		}
		res, err := app.Test(req, -1)
		if err != nil {
			t.Fatalf("GET %q = %v", query, err)
		}
		defer res.Body.Close()
		for _, cookie := range res.Cookies() {
			if cookie.Value != "" && (!cookie.HttpOnly || cookie.Path != "/" || cookie.MaxAge != 20) {
				t.Errorf("cookie = %v; want HttpOnly, Path=/, Max-Age=20", cookie)
			}
			id = cookie.Value
		}
		b := make([]byte, 64)
		n, _ := res.Body.Read(b)
		return res.StatusCode, string(b[:n])
	}

	get("?name=Sonam")
	if v := k.Refresh(k.request(id)); v.Values.String("name") != "Sonam" || v.AbsoluteRemaining != 12*time.Hour {
		t.Errorf("Refresh() = %+v; want Sonam, 12h", v)
	}
	if _, body := get("?name=Karma"); body != "Sonam" {
		t.Errorf("second visit sees %q; want Sonam", body)
	}
	if v := k.Peek(k.request(id)); v.Values.String("name") != "Karma" {
		t.Errorf("Peek() = %v; want Karma", v.Values)
	}
	old := id
	get("?end=1")
	if v := k.Peek(k.request(old)); v.Reason != record.Deleted {
		t.Errorf("Peek() after Destroy = %v; want deleted", v.Reason)
	}
	for _, planted := range []string{old, "AAAAAAAAAAAAAAAAAAAAAAAAAA", "planted"} {
		id = planted
		if status, body := get("?name=x"); status != 200 || body != "" || id == planted {
			t.Errorf("GET with id %q = %d %q, id %q; want a new session", planted, status, body, id)
		}
	}
	if c, r := k.store.called("Create"), k.store.called("Replace"); c != 4 || r != 1 {
		t.Errorf("created %d, replaced %d; want 4, 1", c, r)
	}
}

func TestFiber_Storage(t *testing.T) {
	k := newKit(t)
	s := k.Store().Storage
	value := encoded(t, map[string]any{"name": "Sonam"})
	const id = "AAAAAAAAAAAAAAAAAAAAAAAAAA"

	if got, err := s.Get(id); got != nil || err != nil {
		t.Errorf("Get(%q) = %q, %v; want nil, nil", id, got, err)
	}
	if err := s.Set(id, value, 0); err != nil {
		t.Errorf("Set(%q) = %v; want nil", id, err)
	}
	value[len(value)-1] = 'X' // the storage must have its own copy
	if v := k.Peek(k.request(id)); v.Values.String("name") != "Sonam" || v.IdleTimeout != 20*time.Second {
		t.Errorf("Peek() = %+v; want Sonam, 20s", v)
	}
	got, _ := s.Get(id)
	got[len(got)-1] = 'X' // and so must the caller
	if again, _ := s.Get(id); again[len(again)-1] == 'X' {
		t.Error("Get returns the store's own memory")
	}
	if err := s.Set(id, value, time.Minute); err != nil || k.Peek(k.request(id)).IdleTimeout != time.Minute {
		t.Errorf("Set(%q, 1m) = %v, idle %v; want 1m", id, err, k.Peek(k.request(id)).IdleTimeout)
	}
	if err := s.Set(id, value, 0); err != nil || k.Peek(k.request(id)).IdleTimeout != time.Minute {
		t.Errorf("Set(%q, 0) = %v, idle %v; want its own 1m", id, err, k.Peek(k.request(id)).IdleTimeout)
	}
	for _, exp := range []time.Duration{-1, 1, 13 * time.Hour} {
		wantErr(t, "Set with "+exp.String(), s.Set(id, value, exp), session.ErrTimeout)
	}
	if err := s.Delete(id); err != nil {
		t.Errorf("Delete(%q) = %v; want nil", id, err)
	}
	wantErr(t, "Set after Delete", s.Set(id, value, 0), session.ErrEnded)
	if got, err := s.Get(id); got != nil || err != nil {
		t.Errorf("Get(%q) after Delete = %q, %v; want nil, nil", id, got, err)
	}
	k.store.fail["End"] = session.ErrUnavailable
	wantErr(t, "Delete", s.Delete(id), session.ErrUnavailable)
}

func TestFiber_StorageMalformedIDs(t *testing.T) {
	k := newKit(t)
	s := k.Store().Storage
	for _, id := range []string{"", "x", "aaaaaaaaaaaaaaaaaaaaaaaaaa"} {
		if got, err := s.Get(id); got != nil || err != nil {
			t.Errorf("Get(%q) = %q, %v; want nil, nil", id, got, err)
		}
		if err := s.Set(id, []byte("x"), 0); err == nil {
			t.Errorf("Set(%q) = nil; want an error", id)
		}
		if err := s.Delete(id); err != nil {
			t.Errorf("Delete(%q) = %v; want nil", id, err)
		}
	}
	if err := s.Reset(); err == nil {
		t.Error("Reset() = nil; want an error")
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close() = %v; want nil", err)
	}
	for _, op := range []string{"Peek", "Create", "Replace", "End"} {
		if n := k.store.called(op); n != 0 {
			t.Errorf("%s was called %d times; want 0", op, n)
		}
	}
}

func TestFiber_StoresAreTheCallers(t *testing.T) {
	k := newKit(t)
	k.Store().CookieSecure = true
	k.Store().Storage = nil
	if s := k.Store(); s.CookieSecure || s.Storage == nil {
		t.Error("the next caller sees a field that a caller changed")
	}
}
