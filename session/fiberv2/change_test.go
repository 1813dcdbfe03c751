package fiberv2_test

import (
	"crypto/rand"
	"encoding/gob"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/session"
	"pagesession/storage/record"
)

// bomb is a value whose decoding panics.
type bomb struct{}

func (bomb) GobEncode() ([]byte, error) { return []byte("x"), nil }
func (*bomb) GobDecode([]byte) error    { panic("bomb") }

// unregistered is a type that gob refuses to encode as an interface value.
type unregistered struct{ N int }

func init() { gob.Register(bomb{}) }

func TestStart_New(t *testing.T) {
	k := newKit(t)
	for _, cookies := range [][]string{nil, {"x"}, {"AAAAAAAAAAAAAAAAAAAAAAAAAA"}} {
		c := k.request(cookies...)
		sessionCookie := len(cookies) > 0 && cookies[0] != "x"
		v, err := k.Start(c, named("Sonam"))
		if err != nil || !v.Live() || v.Values.String("name") != "Sonam" {
			t.Fatalf("Start() with cookies %q = %+v, %v; want a live session", cookies, v, err)
		}
		if v.Remaining != 20*time.Second || v.AbsoluteRemaining != 12*time.Hour || v.Cookie != sessionCookie {
			t.Errorf("Start() = %+v; want 20s, 12h, cookie %t", v, sessionCookie)
		}
		id := sentID(t, c)
		if len(id) != len(rand.Text()) || len(cookies) > 0 && id == cookies[0] {
			t.Errorf("Start() with cookies %q gave id %q; want a new one", cookies, id)
		}
		wantSent(t, "Start()", c, "sessionid="+id+
			"; expires=Sun, 22 Nov 2026 22:14:25 GMT; HttpOnly; Max-Age=20; Path=/; SameSite=Lax")
		if again := k.Peek(c); !again.Live() {
			t.Errorf("Peek() later in the request = %v; want live", again.State)
		}
	}
}

func TestStart_LiveKeepsIDAndValues(t *testing.T) {
	k := newKit(t)
	id := k.start()
	k.store.Advance(15 * time.Second)
	c := k.request(id)
	v, err := k.Start(c, func(s *fibersession.Session) error {
		if got := s.Get("name"); got != "Sonam" {
			t.Errorf("Get(name) = %v; want Sonam", got)
		}
		s.Set("visits", 2)
		return nil
	})
	if err != nil || v.Remaining != 20*time.Second || v.Age != 15*time.Second {
		t.Errorf("Start() = %+v, %v; want 20s remaining, age 15s", v, err)
	}
	if v.Values.String("name") != "Sonam" || v.Values.Get("visits") != 2 {
		t.Errorf("Start() = %v; want name and visits", v.Values)
	}
	if got := sentID(t, c); got != id {
		t.Errorf("Start() sent id %q; want %q", got, id)
	}
}

func TestStart_EndedMeanwhile(t *testing.T) {
	k := newKit(t)
	id := k.start()
	k.store.before["Replace"] = func() { k.end(id, record.Revoked) }
	calls := 0
	c := k.request(id)
	v, err := k.Start(c, func(s *fibersession.Session) error {
		calls++
		s.Set("call", calls)
		return nil
	})
	if err != nil || v.Values.Get("call") != 2 || v.Values.Get("name") != nil {
		t.Errorf("Start() = %+v, %v; want a new session by the second call", v, err)
	}
	if got := sentID(t, c); got == id {
		t.Error("Start() kept the id of a revoked session")
	}
	if old := k.Peek(k.request(id)); old.Reason != record.Revoked {
		t.Errorf("the old session: %v; want revoked", old.Reason)
	}
}

func TestUpdate_NeedsALiveSession(t *testing.T) {
	k := newKit(t)
	id := k.start()
	k.store.Advance(20 * time.Second)
	c := k.request(id)
	v, err := k.Update(c, func(*fibersession.Session) error {
		t.Error("change was called on an ended session")
		return nil
	})
	wantErr(t, "Update()", err, session.ErrEnded)
	if v.State != record.Ended || v.Reason != record.Idle {
		t.Errorf("Update() = %+v; want ended, idle", v)
	}
	wantSent(t, "Update()", c)
	_, err = k.Update(k.request(), named("x"))
	wantErr(t, "Update() without a cookie", err, session.ErrEnded)
}

func TestUpdate_EndedMeanwhile(t *testing.T) {
	k := newKit(t)
	for _, when := range []map[string]func(){k.store.before, k.store.after} {
		id := k.start()
		when["Replace"] = func() { k.end(id, record.Deleted) }
		c := k.request(id)
		k.Refresh(c)
		v, err := k.Update(c, named("x"))
		wantErr(t, "Update()", err, session.ErrEnded)
		if v.State != record.Ended || v.Reason != record.Deleted {
			t.Errorf("Update() = %+v; want ended, deleted", v)
		}
		wantSent(t, "Update()", c)
	}
}

func TestChange_StoreErrors(t *testing.T) {
	for _, failure := range []error{session.ErrFull, session.ErrUnavailable} {
		k := newKit(t)
		id := k.start()
		for _, op := range []string{"Create", "Replace", "Rotate"} {
			k.store.fail[op] = failure
		}
		for name, call := range map[string]func(*fiber.Ctx) (session.View, error){
			"Start":      func(c *fiber.Ctx) (session.View, error) { return k.Start(c, named("x")) },
			"Update":     func(c *fiber.Ctx) (session.View, error) { return k.Update(c, named("x")) },
			"Rotate":     k.Rotate,
			"Regenerate": func(c *fiber.Ctx) (session.View, error) { return k.Update(c, (*fibersession.Session).Regenerate) },
		} {
			c := k.request(id)
			k.Refresh(c)
			v, err := call(c)
			wantErr(t, name, err, failure)
			wantSent(t, name, c)
			if !v.Live() || v.Values.String("name") != "Sonam" {
				t.Errorf("%s with an error = %+v; want the session as it was", name, v)
			}
		}
		c := k.request()
		v, err := k.Start(c, named("x"))
		wantErr(t, "Start()", err, failure)
		wantSent(t, "Start()", c)
		if v.State != record.None {
			t.Errorf("Start() with an error = %v; want none", v.State)
		}
		clear(k.store.fail)
		if _, err := k.Start(c, named("x")); err != nil {
			t.Errorf("Start() again in the same request = %v; want nil", err)
		}
	}
}

func TestChange_ItsErrorSavesNothing(t *testing.T) {
	k := newKit(t)
	mine := errors.New("mine")
	refused := func(s *fibersession.Session) error {
		s.Set("name", "x")
		return mine
	}
	id := k.start()
	for name, change := range map[string]func(*fiber.Ctx, func(*fibersession.Session) error) (session.View, error){
		"Start": k.Start, "Update": k.Update,
	} {
		c := k.request(id)
		v, err := change(c, refused)
		wantErr(t, name, err, mine)
		wantSent(t, name, c)
		if v.Values.String("name") != "Sonam" {
			t.Errorf("%s = %v; want Sonam", name, v.Values)
		}
	}
	// If the change itself returns ErrEnded, the session has not ended.
	_, err := k.Start(k.request(id), func(*fibersession.Session) error { return session.ErrEnded })
	wantErr(t, "Start()", err, session.ErrEnded)
	if c, r := k.store.called("Create"), k.store.called("Replace"); c != 1 || r != 0 {
		t.Errorf("created %d, replaced %d; want 1, 0", c, r)
	}
}

func TestChange_PanicReleasesEverything(t *testing.T) {
	k := newKit(t)
	id := k.start()
	for _, cookies := range [][]string{{id}, nil} {
		c := k.request(cookies...)
		k.Refresh(c)
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_, _ = k.Start(c, func(*fibersession.Session) error { panic("change") })
		}()
		wantSent(t, "a panic", c)
	}
	if _, err := k.Update(k.request(id), named("x")); err != nil {
		t.Errorf("Update() after a panic = %v; want nil", err)
	}
}

func TestChange_MustNotSaveOrDestroy(t *testing.T) {
	for name, change := range map[string]func(*fibersession.Session) error{
		"save":          (*fibersession.Session).Save,
		"save, go on":   func(s *fibersession.Session) error { _ = s.Save(); return nil },
		"destroy":       (*fibersession.Session).Destroy,
		"destroy, fail": func(s *fibersession.Session) error { return errors.Join(s.Destroy(), errors.New("x")) },
	} {
		k := newKit(t)
		id := k.start()
		for _, cookies := range [][]string{{id}, nil} {
			c := k.request(cookies...)
			if _, err := k.Start(c, change); err == nil {
				t.Errorf("%s: Start() = nil; want an error", name)
			}
			wantSent(t, name, c)
		}
		if v := k.Peek(k.request(id)); v.Values.String("name") != "Sonam" {
			t.Errorf("%s: values = %v; want Sonam", name, v.Values)
		}
	}
}

func TestChange_CannotBeEncoded(t *testing.T) {
	k := newKit(t)
	id := k.start()
	c := k.request(id)
	_, err := k.Update(c, func(s *fibersession.Session) error {
		s.Set("x", unregistered{1})
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "gob") {
		t.Errorf("Update() = %v; want an error of gob", err)
	}
	wantSent(t, "Update()", c)
	if _, err := k.Update(k.request(id), named("x")); err != nil {
		t.Errorf("next Update() = %v; want nil", err)
	}
}

func TestRotate(t *testing.T) {
	k := newKit(t)
	id := k.start()
	k.store.Advance(5 * time.Second)
	c := k.request(id)
	v, err := k.Rotate(c)
	if err != nil || v.Values.String("name") != "Sonam" || v.Age != 5*time.Second {
		t.Fatalf("Rotate() = %+v, %v; want the same session", v, err)
	}
	next := sentID(t, c)
	if next == id {
		t.Error("Rotate() kept the id")
	}
	if old := k.Peek(k.request(id)); old.State != record.Ended || old.Reason != record.Replaced {
		t.Errorf("the old id: %v, %v; want ended, replaced", old.State, old.Reason)
	}
	if v, err := k.Update(c, named("x")); err != nil || !v.Live() {
		t.Errorf("Update() later in the request = %+v, %v; want live", v, err)
	}
	if got := sentID(t, c); got != next {
		t.Errorf("Update() sent id %q; want %q", got, next)
	}
	_, err = k.Rotate(k.request(id))
	wantErr(t, "Rotate() of the old id", err, session.ErrEnded)
}

func TestUpdate_RegenerateRotates(t *testing.T) {
	k := newKit(t)
	id := k.start()
	c := k.request(id)
	v, err := k.Update(c, func(s *fibersession.Session) error {
		s.Set("user", "anna")
		return s.Regenerate()
	})
	if err != nil || v.Values.String("user") != "anna" || v.Values.String("name") != "Sonam" {
		t.Errorf("Update() = %+v, %v; want both values", v, err)
	}
	if sentID(t, c) == id || k.Peek(k.request(id)).Reason != record.Replaced {
		t.Error("Update() with Regenerate kept the old id alive")
	}
	if r, e := k.store.called("Rotate"), k.store.called("End"); r != 1 || e != 0 {
		t.Errorf("rotated %d, ended %d; want one step, 1 and 0", r, e)
	}
}

func TestUpdate_ResetForgetsValues(t *testing.T) {
	k := newKit(t)
	v, err := k.Update(k.request(k.start()), (*fibersession.Session).Reset)
	if err != nil || !v.Live() || v.Values.Len() != 0 || v.IdleTimeout != 20*time.Second {
		t.Errorf("Update() with Reset = %+v, %v; want an empty session", v, err)
	}
}
