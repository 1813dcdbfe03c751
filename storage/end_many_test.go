package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// hold keeps the disk from committing until the returned function is called.
func hold(t *testing.T, s *storage.Storage) (release func()) {
	t.Helper()
	var tx *bbolt.Tx
	tx, err := s.Conn().Begin(true)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

// eventually waits until another goroutine has done something.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("still waiting after 10s: %s", what)
		}
	}
}

// writing reports whether a writer is in a transaction or waits to begin one. An
// empty queue does not show that: it is also empty before the first change.
func writing() bool {
	stacks := make([]byte, 1<<20)
	return bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("storage.(*writer).update("))
}

func is(s *storage.Storage, k record.Key, want record.State, why record.Reason) bool {
	r := s.Peek(k)
	return r.State == want && r.Reason == why
}

func TestEndAll_RefusedAtOnceAndDurable(t *testing.T) {
	clock := testkit.NewClock()
	cfg := testConfig(t, clock)
	s := open(t, cfg)
	mustCreate(t, s, "expired", record.Lifetime{Idle: time.Second})
	clock.Advance(2 * time.Second)
	k, other := mustCreate(t, s, "one", idle20), mustCreate(t, s, "other", idle20)

	release := hold(t, s)
	type answer struct {
		ended int
		err   error
	}
	answered := make(chan answer)
	go func() {
		ended, err := s.EndAll(context.Background(), record.Revoked)
		answered <- answer{ended, err}
	}()
	eventually(t, "refused while it waits for the disk", func() bool {
		return is(s, k, record.Ended, record.Revoked) && is(s, other, record.Ended, record.Revoked)
	})
	if r := s.Refresh(k); r.State != record.Ended {
		t.Errorf("Refresh = %v; want ended", r.State)
	}
	if p := s.List(record.Query{}); p.Total != 0 {
		t.Errorf("List finds %d live; want 0", p.Total)
	}
	release()
	if got := <-answered; got.ended != 2 || got.err != nil {
		t.Errorf("EndAll = %d, %v; want 2, nil", got.ended, got.err)
	}
	later := mustCreate(t, s, "later", idle20)
	wantStatus(t, s, later, record.Live, record.NoReason)
	if got := s.Stats().Ends; got != (storage.Ends{Idle: 1, Revoked: 2}) {
		t.Errorf("Ends = %+v; want 1 idle, 2 revoked", got)
	}
	s = reopen(t, s, cfg)
	wantStatus(t, s, k, record.Ended, record.Revoked)
	wantStatus(t, s, later, record.Live, record.NoReason)
}

// Ends that the disk does not take in time take effect and return ErrNotDurable. A
// later commit writes them.
func TestEnds_OfAHungDiskAreInForce(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	cfg.Database, cfg.QueueTimeout = memoryDir(t)+"/sessions.db", 100*time.Millisecond
	s := open(t, cfg)
	k, other, third := mustCreate(t, s, "one", idle20), mustCreate(t, s, "other", idle20), mustCreate(t, s, "third", idle20)
	release := hold(t, s)
	first := make(chan error, 1)
	go func() { // keeps the writer waiting for the disk
		_, err := s.End(context.Background(), other, record.Deleted)
		first <- err
	}()
	eventually(t, "the writer has the first end", func() bool {
		return writing() && s.Stats().Queued == 0 && is(s, other, record.Ended, record.Deleted)
	})
	if err := <-first; !errors.Is(err, storage.ErrNotDurable) {
		t.Errorf("End = %v; want ErrNotDurable", err)
	}
	if n, err := s.EndMany(context.Background(), []record.Key{k}, record.Deleted); n != 1 || !errors.Is(err, storage.ErrNotDurable) {
		t.Errorf("EndMany = %d, %v; want 1, ErrNotDurable", n, err)
	}
	if n, err := s.EndAll(context.Background(), record.Revoked); n != 1 || !errors.Is(err, storage.ErrNotDurable) {
		t.Errorf("EndAll = %d, %v; want 1, ErrNotDurable", n, err)
	}
	release()
	later := record.KeyOf("later")
	eventually(t, "the disk goes on", func() bool { return s.Sync(context.Background()) == nil })
	eventually(t, "creations go on", func() bool { return s.Create(context.Background(), later, []byte("x"), idle20) == nil })
	for name, s := range map[string]*storage.Storage{"running": s, "after a crash": crashed(t, cfg)} {
		t.Log(name)
		wantStatus(t, s, other, record.Ended, record.Deleted)
		wantStatus(t, s, k, record.Ended, record.Deleted)
		wantStatus(t, s, third, record.Ended, record.Revoked)
		wantStatus(t, s, later, record.Live, record.NoReason)
	}
}

// Ends that time out wait at the same time, not one after the other.
func TestEndMany_GivesUpOnce(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	cfg.QueueTimeout = 200 * time.Millisecond
	s := open(t, cfg)
	other := mustCreate(t, s, "other", idle20)
	var keys []record.Key
	for i := range 50 {
		keys = append(keys, mustCreate(t, s, fmt.Sprint(i), idle20))
	}
	release := hold(t, s)
	first := make(chan error)
	go func() { // keeps the writer waiting
		_, err := s.End(context.Background(), other, record.Deleted)
		first <- err
	}()
	eventually(t, "the writer has the first end", func() bool {
		return writing() && s.Stats().Queued == 0 && is(s, other, record.Ended, record.Deleted)
	})
	begin := time.Now()
	if n, err := s.EndMany(context.Background(), keys, record.Revoked); n != len(keys) || !errors.Is(err, storage.ErrNotDurable) {
		t.Errorf("EndMany = %d, %v; want %d, ErrNotDurable", n, err, len(keys))
	}
	if took := time.Since(begin); took < cfg.QueueTimeout || took > 10*cfg.QueueTimeout {
		t.Errorf("50 ends gave up after %v; want one QueueTimeout, %v", took, cfg.QueueTimeout)
	}
	for _, k := range keys {
		wantStatus(t, s, k, record.Ended, record.Revoked)
	}
	release()
	if err := <-first; !errors.Is(err, storage.ErrNotDurable) {
		t.Errorf("End = %v; want ErrNotDurable", err)
	}
}

func TestEndMany_SharesCommits(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	cfg.Database = memoryDir(t) + "/sessions.db"
	s := open(t, cfg)
	var keys []record.Key
	for i := range 3000 {
		keys = append(keys, mustCreate(t, s, fmt.Sprint(i), idle20))
	}
	keep := mustCreate(t, s, "keep", idle20)
	keys = append(keys, keys[7], record.KeyOf("nobody"))
	before := s.Stats().Commits
	if n, err := s.EndMany(context.Background(), keys, record.Revoked); n != 3000 || err != nil {
		t.Errorf("EndMany = %d, %v; want 3000, nil", n, err)
	}
	if n := s.Stats().Commits - before; n > 300 {
		t.Errorf("%d commits for 3000 ends; want a tenth at most", n)
	}
	s = reopen(t, s, cfg)
	for _, k := range keys[:3000] {
		wantStatus(t, s, k, record.Ended, record.Revoked)
	}
	wantStatus(t, s, keep, record.Live, record.NoReason)
}

func TestEndMany_ClosedIsAnError(t *testing.T) {
	s := open(t, testConfig(t, testkit.NewClock()))
	k := mustCreate(t, s, "one", idle20)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := s.EndMany(context.Background(), []record.Key{k}, record.Revoked); n != 0 || !errors.Is(err, storage.ErrClosed) {
		t.Errorf("EndMany = %d, %v; want 0, ErrClosed", n, err)
	}
	if n, err := s.EndAll(context.Background(), record.Revoked); n != 0 || !errors.Is(err, storage.ErrClosed) {
		t.Errorf("EndAll = %d, %v; want 0, ErrClosed", n, err)
	}
	wantStatus(t, s, k, record.Live, record.NoReason)
}
