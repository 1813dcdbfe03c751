package session_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"pagesession/internal/testkit"
	"pagesession/session"
	"pagesession/storage"
	"pagesession/storage/record"
)

// An scsStore adapts a session.Store to the session manager scs. scs has one
// deadline, which each commit moves.
type scsStore struct {
	store session.Store
	now   func() time.Time
}

var _ scs.CtxStore = scsStore{}

func (s scsStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	rec, err := s.store.Peek(ctx, record.KeyOf(token))
	return []byte(rec.Value), rec.State == record.Live, err
}

func (s scsStore) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	k, content := record.KeyOf(token), record.Content{Value: b, Idle: expiry.Sub(s.now())}
	_, err := s.store.Replace(ctx, k, 0, content)
	if errors.Is(err, session.ErrEnded) {
		_, err = s.store.Create(ctx, k, content, 0) // ErrEnded if the token was used before
	}
	return err
}

func (s scsStore) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.store.End(ctx, record.KeyOf(token), record.Deleted)
	return err
}

// scs requires methods without a context, and calls those with one.
func (s scsStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}
func (s scsStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
func (s scsStore) Commit(token string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expiry)
}

func newSCS(t *testing.T) (scsStore, *testkit.Clock) {
	clock := testkit.NewClock()
	s, err := storage.Open(storage.Config{Database: t.TempDir() + "/sessions.db", Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return scsStore{s.Sessions(), clock.Now}, clock
}

func (s scsStore) wants(t *testing.T, token, value string) {
	t.Helper()
	b, found, err := s.Find(token)
	if err != nil || found != (value != "") || !bytes.Equal(b, []byte(value)) {
		t.Errorf("Find(%q) = %q, %v, %v; want %q", token, b, found, err, value)
	}
}

// The cases that scs tests its own stores with.
func TestSCS_StoreCases(t *testing.T) {
	s, clock := newSCS(t)
	in := func(d time.Duration) time.Time { return clock.Now().Add(d) }
	commit := func(token, value string, expiry time.Time) {
		t.Helper()
		if err := s.Commit(token, []byte(value), expiry); err != nil {
			t.Errorf("Commit(%q, %q) = %v; want nil", token, value, err)
		}
	}
	s.wants(t, "missing", "")
	commit("new", "encoded data", in(time.Minute))
	s.wants(t, "new", "encoded data")
	commit("new", "new encoded data", in(time.Minute))
	s.wants(t, "new", "new encoded data")

	commit("short", "encoded data", in(100*time.Millisecond))
	clock.Advance(99 * time.Millisecond)
	s.wants(t, "short", "encoded data")
	clock.Advance(time.Millisecond)
	s.wants(t, "short", "")

	if err := s.Delete("new"); err != nil {
		t.Errorf("Delete() = %v; want nil", err)
	}
	s.wants(t, "new", "")
	if err := s.Delete("missing"); err != nil {
		t.Errorf("Delete() of a token that is missing = %v; want nil", err)
	}
	if err := s.Commit("new", []byte("revived"), in(time.Minute)); !errors.Is(err, session.ErrEnded) {
		t.Errorf("Commit() after Delete() = %v; want ErrEnded", err)
	}
}

// The session manager of scs works on this storage.
func TestSCS_Manager(t *testing.T) {
	store, _ := newSCS(t)
	store.now = time.Now // the manager takes its deadlines from the wall clock
	manager := scs.New()
	manager.Store = store
	mux := http.NewServeMux()
	mux.HandleFunc("/put", func(_ http.ResponseWriter, r *http.Request) { manager.Put(r.Context(), "name", "Ada") })
	mux.HandleFunc("/get", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, manager.GetString(r.Context(), "name"))
	})
	mux.HandleFunc("/renew", func(_ http.ResponseWriter, r *http.Request) { _ = manager.RenewToken(r.Context()) })
	mux.HandleFunc("/destroy", func(_ http.ResponseWriter, r *http.Request) { _ = manager.Destroy(r.Context()) })
	server := httptest.NewServer(manager.LoadAndSave(mux))
	defer server.Close()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	for _, step := range []struct{ path, want string }{
		{"/get", ""}, {"/put", ""}, {"/get", "Ada"}, {"/renew", ""}, {"/get", "Ada"}, {"/destroy", ""}, {"/get", ""},
	} {
		res, err := client.Get(server.URL + step.path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != 200 || string(body) != step.want {
			t.Errorf("%s = %d %q; want %q", step.path, res.StatusCode, body, step.want)
		}
	}
}
