package fiberv2_test

import (
	"bytes"
	"context"
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
	"pagesession/storage/record"
)

// epoch is 10:14:05.25 p.m., so that a date that was not rounded shows.
var epoch = time.Date(2026, time.November, 22, 22, 14, 5, 250e6, time.UTC)

// A fakeStore is a session.Store in memory. Its clock moves only by Advance.
type fakeStore struct {
	*testkit.Clock
	mu      sync.Mutex // protects what follows
	version uint64
	live    map[record.Key]*fakeRecord
	ended   map[record.Key]record.Reason
	calls   map[string]int

	fail   map[string]error  // operation: what it answers, doing nothing
	before map[string]func() // operation: called once, unlocked, before it
	after  map[string]func() // the same, after it
}

type fakeRecord struct {
	value                   []byte
	memo                    any
	version                 uint64
	created, used, absolute time.Time // absolute zero: none
	idle                    time.Duration
}

func newFakeStore() *fakeStore {
	return &fakeStore{
		Clock:  testkit.ClockAt(epoch),
		live:   map[record.Key]*fakeRecord{},
		ended:  map[record.Key]record.Reason{},
		calls:  map[string]int{},
		fail:   map[string]error{},
		before: map[string]func(){},
		after:  map[string]func(){},
	}
}

func (s *fakeStore) called(op string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[op]
}

// enter counts a call, runs its hook and locks; what it returns unlocks.
func (s *fakeStore) enter(op string) func() {
	s.mu.Lock()
	s.calls[op]++
	if hook := s.before[op]; hook != nil {
		delete(s.before, op)
		s.mu.Unlock()
		hook()
		s.mu.Lock()
	}
	return func() {
		hook := s.after[op]
		delete(s.after, op)
		s.mu.Unlock()
		if hook != nil {
			hook()
		}
	}
}

func (r *fakeRecord) end() time.Time {
	end := r.absolute
	if r.idle > 0 && (end.IsZero() || r.used.Add(r.idle).Before(end)) {
		end = r.used.Add(r.idle)
	}
	return end
}

// find returns the live record, ending it first when it is over.
func (s *fakeStore) find(k record.Key) *fakeRecord {
	r := s.live[k]
	if r == nil || r.end().IsZero() || s.Now().Before(r.end()) {
		return r
	}
	why := record.Idle
	if r.end().Equal(r.absolute) {
		why = record.Absolute
	}
	delete(s.live, k)
	s.ended[k] = why
	return nil
}

func (s *fakeStore) record(k record.Key) record.Record {
	r := s.find(k)
	if r == nil {
		if why, ok := s.ended[k]; ok {
			return record.Record{State: record.Ended, Reason: why}
		}
		return record.Record{}
	}
	rec := record.Record{
		State: record.Live, Value: r.value, Memo: r.memo, Version: r.version,
		Age: s.Now().Sub(r.created), IdleTimeout: r.idle,
	}
	if !r.end().IsZero() {
		rec.Remaining = r.end().Sub(s.Now())
	}
	if !r.absolute.IsZero() {
		rec.AbsoluteRemaining = r.absolute.Sub(s.Now())
	}
	return rec
}

func (s *fakeStore) Refresh(_ context.Context, k record.Key) (record.Record, error) {
	defer s.enter("Refresh")()
	if err := s.fail["Refresh"]; err != nil {
		return record.Record{}, err
	}
	if r := s.find(k); r != nil {
		r.used = s.Now()
	}
	return s.record(k), nil
}

func (s *fakeStore) Peek(_ context.Context, k record.Key) (record.Record, error) {
	defer s.enter("Peek")()
	return s.record(k), s.fail["Peek"]
}

func (s *fakeStore) Memoize(k record.Key, version uint64, memo any) {
	defer s.enter("Memoize")()
	if r := s.find(k); r != nil && r.version == version {
		r.memo = memo
	}
}

func (s *fakeStore) Create(_ context.Context, k record.Key, c record.Content, absolute time.Duration) (record.Record, error) {
	return s.change("Create", k, func() error {
		if s.record(k).State != record.None {
			return session.ErrEnded
		}
		r := &fakeRecord{created: s.Now()}
		if absolute > 0 {
			r.absolute = s.Now().Add(absolute)
		}
		s.set(k, r, c)
		return nil
	})
}

func (s *fakeStore) Replace(_ context.Context, k record.Key, version uint64, c record.Content) (record.Record, error) {
	return s.change("Replace", k, func() error {
		r := s.find(k)
		if err := r.check(version); err != nil {
			return err
		}
		s.set(k, r, c)
		return nil
	})
}

func (s *fakeStore) Rotate(_ context.Context, from, to record.Key, version uint64, c record.Content) (record.Record, error) {
	return s.change("Rotate", to, func() error {
		r := s.find(from)
		if err := r.check(version); err != nil {
			return err
		}
		delete(s.live, from)
		s.ended[from] = record.Replaced
		s.set(to, r, c)
		return nil
	})
}

func (r *fakeRecord) check(version uint64) error {
	switch {
	case r == nil:
		return session.ErrEnded
	case version != 0 && version != r.version:
		return session.ErrConflict
	default:
		return nil
	}
}

func (s *fakeStore) set(k record.Key, r *fakeRecord, c record.Content) {
	s.version++
	s.live[k] = &fakeRecord{
		value: bytes.Clone(c.Value), version: s.version, idle: c.Idle,
		created: r.created, used: s.Now(), absolute: r.absolute,
	}
}

// change makes a change and looks at its session after its hook.
func (s *fakeStore) change(op string, k record.Key, do func() error) (record.Record, error) {
	err := func() error {
		defer s.enter(op)()
		if err := s.fail[op]; err != nil {
			return err
		}
		return do()
	}()
	if err != nil {
		return record.Record{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.record(k), nil
}

func (s *fakeStore) End(_ context.Context, k record.Key, why record.Reason) (bool, error) {
	defer s.enter("End")()
	if err := s.fail["End"]; err != nil {
		return false, err
	}
	if s.find(k) == nil {
		return false, nil
	}
	delete(s.live, k)
	s.ended[k] = why
	return true, nil
}

// kit is a policy over a fake store and an app to make requests with.
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

// Peek and Refresh are those of Sessions where no error is expected.
func (k *kit) Peek(c *fiber.Ctx) session.View    { return k.view(k.Sessions.Peek(c)) }
func (k *kit) Refresh(c *fiber.Ctx) session.View { return k.view(k.Sessions.Refresh(c)) }

func (k *kit) view(v session.View, err error) session.View {
	k.t.Helper()
	if err != nil {
		k.t.Errorf("Peek() or Refresh() = %v; want nil", err)
	}
	return v
}

// end ends a session past the policy; record returns what the store has.
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

// seed puts a record in the store past the policy and returns its id.
func (k *kit) seed(value []byte, idle, absolute time.Duration) string {
	k.t.Helper()
	id := "SEEDED2SEEDED3SEEDED4SEEDE"
	if _, err := k.store.Create(context.Background(), key(id), record.Content{Value: value, Idle: idle}, absolute); err != nil {
		k.t.Fatalf("Create(%q) = %v", id, err)
	}
	return id
}

func key(id string) record.Key { return sha256.Sum256([]byte(id)) }

// named is the change that the page /set/ makes.
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
