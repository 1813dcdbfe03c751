package session_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/session"
	"pagesession/session/storetest"
	"pagesession/storage/record"
)

// A jar is a policy with two live sessions, A and B, and two that were ended, d and r.
type jar struct {
	*testing.T
	*session.Policy
	ids map[byte]string // f is a foreign value, without the form of an id
}

func newJar(t *testing.T) *jar {
	t.Helper()
	cfg := session.DefaultConfig()
	cfg.Store, cfg.SubjectValue, cfg.Logger = new(storetest.Memory), "name", slog.New(slog.DiscardHandler)
	p, err := session.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	j := &jar{t, p, map[byte]string{'f': "k3vd2q0a9p7z1xw8c6bn5m4lj2hgf0ds"}}
	for _, kind := range []byte("ABdr") {
		_, cookie, err := p.Start(t.Context(), session.Token{}, session.ClientInfo{}, named("Sonam"))
		if err != nil {
			t.Fatal(err)
		}
		j.ids[kind] = cookie.Value()
	}
	if _, err := p.End(t.Context(), session.ParseToken(j.ids['d'])); err != nil {
		t.Fatal(err)
	}
	k, _ := session.ParseToken(j.ids['r']).Key()
	if ok, err := p.Revoke(t.Context(), k); !ok || err != nil {
		t.Fatal(ok, err)
	}
	return j
}

// token returns the token of cookies in that order.
func (j *jar) token(order string) (t session.Token) {
	for i := range len(order) {
		t.Add([]byte(j.ids[order[i]]))
	}
	return t
}

// isLive reports whether a session is live, without the code that is tested.
func (j *jar) isLive(kind byte) bool {
	v, err := j.Peek(context.Background(), session.ParseToken(j.ids[kind]))
	return err == nil && v.Live()
}

// counted is what has to be found among cookies, worked out in another way.
func counted(order string) (live byte, ambiguous bool, reason record.Reason) {
	a, b := strings.Contains(order, "A"), strings.Contains(order, "B")
	first := strings.TrimLeft(order, "f")
	switch {
	case a && b:
		return 0, true, record.NoReason
	case a:
		return 'A', false, record.NoReason
	case b:
		return 'B', false, record.NoReason
	case strings.HasPrefix(first, "d"):
		return 0, false, record.Deleted
	case strings.HasPrefix(first, "r"):
		return 0, false, record.Revoked
	}
	return 0, false, record.NoReason
}

// orders are all orders of 0 to 4 cookies, also of the same one, and those of all five.
func orders() []string {
	all := []string{""}
	for begin, n := 0, 0; n < 5; n++ {
		end := len(all)
		for _, order := range all[begin:end] {
			for _, kind := range "fABdr" {
				if n < 4 || isPermutation(order+string(kind)) {
					all = append(all, order+string(kind))
				}
			}
		}
		begin = end
	}
	return all
}

// isPermutation reports whether no cookie comes twice.
func isPermutation(order string) bool {
	kinds := []byte(order)
	slices.Sort(kinds)
	return len(slices.Compact(kinds)) == len(order)
}

// Whatever cookies come in whatever order, each operation works on the same session:
// the only live one. The others are left alone.
func TestSeveralCookies_OneCounts(t *testing.T) {
	all := orders()
	if testing.Short() {
		all = slices.DeleteFunc(all, func(order string) bool { return len(order) > 3 })
	}
	for _, order := range all {
		looks(t, order)
		changes(t, order)
		ends(t, order)
	}
}

func looks(t *testing.T, order string) {
	t.Helper()
	j := newJar(t)
	token := j.token(order)
	live, ambiguous, reason := counted(order)
	wellFormed := strings.Trim(order, "f") != ""
	for name, look := range map[string]func() (session.View, session.Cookie, error){
		"Peek": func() (session.View, session.Cookie, error) {
			v, err := j.Peek(t.Context(), token)
			return v, session.Cookie{}, err
		},
		"Refresh": func() (session.View, session.Cookie, error) { return j.Refresh(t.Context(), token) },
	} {
		v, cookie, err := look()
		if err != nil || v.Live() != (live != 0) || v.Ambiguous != ambiguous || v.Reason != reason || v.Cookie != wellFormed {
			t.Errorf("%s(%s) = %v %v, ambiguous %t, cookie %t, %v; want %c, %v, %t, %t",
				name, order, v.State, v.Reason, v.Ambiguous, v.Cookie, err, live, reason, ambiguous, wellFormed)
		}
		if name == "Peek" {
			continue
		}
		if want := wellFormed && !ambiguous; cookie.IsZero() == want || live != 0 && cookie.Value() != j.ids[live] {
			t.Errorf("Refresh(%s): cookie %v; want one: %t, of %c", order, !cookie.IsZero(), want, live)
		}
	}
	if one, err := j.Resolve(t.Context(), token); err == nil && live != 0 {
		k, ok := one.Key()
		if want, _ := session.ParseToken(j.ids[live]).Key(); !ok || k != want {
			t.Errorf("Resolve(%s) names another session than %c", order, live)
		}
	}
}

func changes(t *testing.T, order string) {
	t.Helper()
	live, ambiguous, _ := counted(order)
	j := newJar(t)
	v, cookie, err := j.Start(t.Context(), j.token(order), session.ClientInfo{}, named("Pema"))
	old := live != 0 && cookie.Value() == j.ids[live]
	if err != nil || !v.Live() || v.Ambiguous || old != (live != 0) || !j.isLive('A') || !j.isLive('B') {
		t.Errorf("Start(%s) = %v, of the old session %t, %v; want %c changed, or a new one", order, v.State, old, err, live)
	}
	for name, change := range map[string]func(*jar) (session.View, session.Cookie, error){
		"Update": func(j *jar) (session.View, session.Cookie, error) {
			return j.Update(t.Context(), j.token(order), named("Pema"))
		},
		"Rotate": func(j *jar) (session.View, session.Cookie, error) { return j.Rotate(t.Context(), j.token(order)) },
	} {
		j := newJar(t)
		v, cookie, err := change(j)
		if live != 0 {
			if other := "AB"['B'-live]; err != nil || !v.Live() || !j.isLive(other) || j.isLive(live) != (name == "Update") {
				t.Errorf("%s(%s) = %v, %v; want %c changed alone", name, order, v.State, err, live)
			}
			continue
		}
		if !errors.Is(err, session.ErrEnded) || errors.Is(err, session.ErrAmbiguous) != ambiguous || v.Ambiguous != ambiguous ||
			!cookie.IsZero() || !j.isLive('A') || !j.isLive('B') {
			t.Errorf("%s(%s) = %v; want ErrEnded, ambiguous %t, nothing changed", name, order, err, ambiguous)
		}
	}
}

func ends(t *testing.T, order string) {
	t.Helper()
	live, ambiguous, reason := counted(order)
	j := newJar(t)
	cookie, err := j.End(t.Context(), j.token(order))
	if errors.Is(err, session.ErrAmbiguous) != ambiguous || err != nil && !ambiguous {
		t.Errorf("End(%s) = %v; want ErrAmbiguous: %t", order, err, ambiguous)
	}
	if removed, want := !cookie.IsZero(), strings.Trim(order, "f") != "" && !ambiguous; removed != want {
		t.Errorf("End(%s): cookie removed %t; want %t", order, removed, want)
	}
	if j.isLive('A') != (live != 'A') || j.isLive('B') != (live != 'B') {
		t.Errorf("End(%s): A live %t, B live %t; want only %c ended", order, j.isLive('A'), j.isLive('B'), live)
	}

	j = newJar(t)
	if _, err := j.EndSubject(t.Context(), "Sonam", j.token(order)); err != nil || j.isLive('A') != (live == 'A') || j.isLive('B') != (live == 'B') {
		t.Errorf("EndSubject(except %s) = %v; A live %t, B live %t; want only %c", order, err, j.isLive('A'), j.isLive('B'), live)
	}

	j = newJar(t)
	ctx, cancel := context.WithCancel(t.Context())
	if live != 0 {
		cancel() // it would wait
	}
	defer cancel()
	if v, err := j.Wait(ctx, j.token(order)); errors.Is(err, context.Canceled) != (live != 0) || v.Reason != reason || v.Ambiguous != ambiguous {
		t.Errorf("Wait(%s) = %v, ambiguous %t, %v; want to wait for %c", order, v.Reason, v.Ambiguous, err, live)
	}
}

// Only four different ids are looked at.
func TestSeveralCookies_AtMostFour(t *testing.T) {
	for before, live := range []bool{true, true, true, true, false, false} {
		j := newJar(t)
		token := session.ParseToken("sessionid of another program")
		for range before {
			id := rand.Text()
			token.Add([]byte(id))
			token.Add([]byte(id)) // the same one again takes no place
		}
		token.Add([]byte(j.ids['A']))
		if v, err := j.Peek(t.Context(), token); err != nil || v.Live() != live {
			t.Errorf("after %d dead ids: live %t, %v; want %t", before, v.Live(), err, live)
		}
	}
}

// A removal would also hit a live cookie that was not looked at.
func TestSeveralCookies_MoreThanFourStay(t *testing.T) {
	for dead, removed := range []bool{false, true, true, true, true, false, false} {
		j := newJar(t)
		var token session.Token
		for range dead {
			token.Add([]byte(rand.Text()))
		}
		if v, cookie, err := j.Refresh(t.Context(), token); err != nil || v.Live() || !cookie.IsZero() != removed {
			t.Errorf("Refresh with %d dead ids: removed %t, %v; want %t", dead, !cookie.IsZero(), err, removed)
		}
	}
}

// Copies of a token do not share what is added to one of them.
func TestToken_CopiesAreApart(t *testing.T) {
	j := newJar(t)
	one := j.token("dr")
	other := one
	one.Add([]byte(j.ids['A']))
	other.Add([]byte(j.ids['B']))
	for want, token := range map[byte]session.Token{'A': one, 'B': other} {
		if _, cookie, err := j.Refresh(t.Context(), token); err != nil || cookie.Value() != j.ids[want] {
			t.Errorf("Refresh() found another session than %c: %v", want, err)
		}
	}
}

// The cookie of a rotated session stays beside a dead one, because the browser may have
// the new one in its place.
func TestSeveralCookies_RotatedIsNotRemoved(t *testing.T) {
	for _, order := range []string{"Ad", "dA"} {
		j := newJar(t)
		if _, _, err := j.Rotate(t.Context(), j.token("A")); err != nil {
			t.Fatal(err)
		}
		if _, cookie, err := j.Refresh(t.Context(), j.token(order)); err != nil || !cookie.IsZero() {
			t.Errorf("Refresh(%s) after the rotation of A = %v, removal %t; want no cookie", order, err, !cookie.IsZero())
		}
	}
}

// While the store fails, nothing is removed or created.
func TestSeveralCookies_Unavailable(t *testing.T) {
	j := newJar(t)
	j.Config().Store.(*storetest.Memory).SetErrors(1)
	token := j.token("Ad")
	_, c1, err1 := j.Refresh(t.Context(), token)
	_, c2, err2 := j.Start(t.Context(), token, session.ClientInfo{}, nil)
	c3, err3 := j.End(t.Context(), token)
	for i, err := range []error{err1, err2, err3} {
		if !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("call %d = %v; want ErrUnavailable", i, err)
		}
	}
	if !c1.IsZero() || !c2.IsZero() || !c3.IsZero() {
		t.Error("a cookie is sent while the store fails")
	}
}

// The log says at most once a minute that several live sessions came, without an id.
func TestSeveralCookies_Logged(t *testing.T) {
	var out strings.Builder
	clock := testkit.ClockAt(time.Date(2026, time.November, 29, 12, 0, 0, 0, time.UTC))
	cfg := session.DefaultConfig()
	cfg.Store, cfg.Now, cfg.Logger = &storetest.Memory{Now: clock.Now}, clock.Now, slog.New(slog.NewTextHandler(&out, nil))
	p, err := session.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	one, other := signedIn(t, p, nil), signedIn(t, p, nil)
	for _, step := range []struct {
		wait  time.Duration
		lines int
	}{{0, 1}, {0, 1}, {15 * time.Second, 1}, {15 * time.Second, 1}, {15 * time.Second, 1}, {15 * time.Second, 2}, {-time.Hour, 3}} {
		clock.Advance(step.wait)
		_, _, _ = p.Refresh(t.Context(), one)
		_, _, _ = p.Refresh(t.Context(), other)
		var both session.Token
		for _, token := range []session.Token{one, other} {
			_, cookie, err := p.Refresh(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			both.Add([]byte(cookie.Value()))
			if strings.Contains(out.String(), cookie.Value()) {
				t.Error("the log has an id")
			}
		}
		if v, err := p.Peek(t.Context(), both); err != nil || !v.Ambiguous {
			t.Fatalf("Peek() = %v, %v; want ambiguous", v, err)
		}
		if n := strings.Count(out.String(), "several live sessions"); n != step.lines {
			t.Errorf("after another %v: %d lines; want %d", step.wait, n, step.lines)
		}
	}
	if text := out.String(); !strings.Contains(text, "cookie=sessionid") {
		t.Errorf("log = %q; want the cookie's name", text)
	}
}
