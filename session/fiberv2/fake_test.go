package fiberv2_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"
	"github.com/valyala/fasthttp"

	"pagesession/internal/testkit"
	"pagesession/session"
	"pagesession/session/fiberv2"
	"pagesession/session/storetest"
	"pagesession/storage/record"
)

// epoch is 22:14:05.25, so that a date that was not rounded shows.
var epoch = time.Date(2026, time.November, 22, 22, 14, 5, 250e6, time.UTC)

// A fakeStore is a session.Store in memory that counts calls and fails on request.
// Its clock moves only by Advance.
type fakeStore struct {
	*storetest.Memory
	*testkit.Clock

	mu     sync.Mutex // protects everything below
	calls  map[string]int
	fail   map[string]error     // by operation: the error that it returns; it then does nothing
	before map[string]func()    // by operation: called once, before it
	after  map[string]func()    // by operation: called once, after it
	alter  func(*record.Record) // changes what Peek and Refresh find; nil: nothing changes it
}

func newFakeStore() *fakeStore {
	clock := testkit.ClockAt(epoch)
	return &fakeStore{
		Memory: &storetest.Memory{Now: clock.Now},
		Clock:  clock,
		calls:  map[string]int{},
		fail:   map[string]error{},
		before: map[string]func(){},
		after:  map[string]func(){},
	}
}

// Now returns the fake clock's time.
func (s *fakeStore) Now() time.Time { return s.Clock.Now() }

func (s *fakeStore) called(op string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[op]
}

// enter counts a call, runs the hook before it, and returns the error that it has to
// fail with.
func (s *fakeStore) enter(op string) error {
	s.mu.Lock()
	s.calls[op]++
	hook := s.before[op]
	delete(s.before, op)
	s.mu.Unlock()
	if hook != nil {
		hook()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fail[op]
}

// leave runs the hook after a call.
func (s *fakeStore) leave(op string) {
	s.mu.Lock()
	hook := s.after[op]
	delete(s.after, op)
	s.mu.Unlock()
	if hook != nil {
		hook()
	}
}

// found returns what Peek and Refresh find.
func (s *fakeStore) found(rec record.Record, err error) (record.Record, error) {
	if s.alter != nil {
		s.alter(&rec)
	}
	return rec, err
}

func (s *fakeStore) Refresh(ctx context.Context, k record.Key) (record.Record, error) {
	if err := s.enter("Refresh"); err != nil {
		return record.Record{}, err
	}
	return s.found(s.Memory.Refresh(ctx, k))
}

func (s *fakeStore) Peek(ctx context.Context, k record.Key) (record.Record, error) {
	if err := s.enter("Peek"); err != nil {
		return record.Record{}, err
	}
	return s.found(s.Memory.Peek(ctx, k))
}

func (s *fakeStore) Memoize(k record.Key, version uint64, memo any) {
	_ = s.enter("Memoize")
	s.Memory.Memoize(k, version, memo)
}

func (s *fakeStore) Create(ctx context.Context, k record.Key, c record.Content, absolute time.Duration) (record.Record, error) {
	return s.change("Create", k, func() (record.Record, error) { return s.Memory.Create(ctx, k, c, absolute) })
}

func (s *fakeStore) Replace(ctx context.Context, k record.Key, version uint64, c record.Content) (record.Record, error) {
	return s.change("Replace", k, func() (record.Record, error) { return s.Memory.Replace(ctx, k, version, c) })
}

func (s *fakeStore) Rotate(ctx context.Context, from, to record.Key, version uint64, c record.Content) (record.Record, error) {
	return s.change("Rotate", to, func() (record.Record, error) { return s.Memory.Rotate(ctx, from, to, version, c) })
}

// change makes a change, runs the hook, and returns the session as it is then.
func (s *fakeStore) change(op string, k record.Key, do func() (record.Record, error)) (record.Record, error) {
	if err := s.enter(op); err != nil {
		return record.Record{}, err
	}
	rec, err := do()
	s.leave(op)
	if err != nil {
		return rec, err
	}
	return s.found(s.Memory.Peek(context.Background(), k))
}

func (s *fakeStore) End(ctx context.Context, k record.Key, why record.Reason) (bool, error) {
	if err := s.enter("End"); err != nil {
		return false, err
	}
	return s.Memory.End(ctx, k, why)
}

// kit is a policy over a fake store, with an app to make requests.
type kit struct {
	*fiberv2.Sessions
	t     testing.TB
	store *fakeStore
	app   *fiber.App
}

func newKit(t testing.TB, changes ...func(*fiberv2.Config)) *kit {
	t.Helper()
	store := newFakeStore()
	cfg := fiberv2.DefaultConfig()
	cfg.Store, cfg.Now = store, store.Now
	for _, change := range changes {
		change(&cfg)
	}
	p, err := fiberv2.New(cfg)
	if err != nil {
		t.Fatalf("New(%+v) = %v", cfg, err)
	}
	return &kit{p, t, store, fiber.New()}
}

// Peek and Refresh are those of Sessions, and fail the test on an error.
func (k *kit) Peek(c *fiber.Ctx) session.View    { return k.view(k.Sessions.Peek(c)) }
func (k *kit) Refresh(c *fiber.Ctx) session.View { return k.view(k.Sessions.Refresh(c)) }

func (k *kit) view(v session.View, err error) session.View {
	k.t.Helper()
	if err != nil {
		k.t.Errorf("Peek() or Refresh() = %v; want nil", err)
	}
	return v
}

// end ends a session without the policy; record returns what the store has.
func (k *kit) end(id string, why record.Reason) {
	_, _ = k.store.End(context.Background(), key(id), why)
}

func (k *kit) record(id string) record.Record {
	rec, _ := k.store.Peek(context.Background(), key(id))
	return rec
}

// request returns the context of a request with these cookie values.
func (k *kit) request(cookies ...string) *fiber.Ctx {
	k.t.Helper()
	raw := "GET / HTTP/1.1\r\nHost: x\r\n"
	for _, cookie := range cookies {
		raw += "Cookie: sessionid=" + cookie + "\r\n"
	}
	c := k.app.AcquireCtx(new(fasthttp.RequestCtx))
	if err := readHeader(&c.Request().Header, raw+"\r\n"); err != nil {
		k.t.Fatalf("request(%q) = %v", cookies, err)
	}
	return c
}

// start returns the id of a new session named Sonam.
func (k *kit) start() string {
	k.t.Helper()
	c := k.request()
	if _, err := k.Start(c, named("Sonam")); err != nil {
		k.t.Fatalf("Start() = %v", err)
	}
	return sentID(k.t, c)
}

// seed puts a record into the store without the policy and returns its id.
func (k *kit) seed(value []byte, idle, absolute time.Duration) string {
	k.t.Helper()
	id := rand.Text()
	if _, err := k.store.Create(context.Background(), key(id), record.Content{Value: value, Idle: idle}, absolute); err != nil {
		k.t.Fatalf("Create(%q) = %v", id, err)
	}
	return id
}

func key(id string) record.Key { return sha256.Sum256([]byte(id)) }

// named returns the change that the page /set/ makes.
func named(name string) func(*fibersession.Session) error {
	return func(s *fibersession.Session) error {
		s.Set("name", name)
		return nil
	}
}

func encoded(t testing.TB, data map[string]any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(data); err != nil {
		t.Fatalf("encode(%v) = %v", data, err)
	}
	return b.Bytes()
}

// wantErr fails unless err is want.
func wantErr(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s = %v; want %v", what, err, want)
	}
}
