package storage_test

import (
	"context"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

func TestStats_CountsAgreeWithALedger(t *testing.T) {
	clock := testkit.NewClock()
	s := open(t, testConfig(t, clock))
	mustCreate(t, s, "idle", record.Lifetime{Idle: time.Second})
	mustCreate(t, s, "absolute", record.Lifetime{Absolute: time.Second})
	deleted, revoked := mustCreate(t, s, "deleted", idle20), mustCreate(t, s, "revoked", idle20)
	rotated, live := mustCreate(t, s, "rotated", idle20), mustCreate(t, s, "live", idle20)
	if err := s.Set("set", []byte("new"), time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := s.Set("set", []byte("changed"), time.Minute); err != nil {
		t.Fatal(err)
	}
	start := clock.Wall()
	clock.Advance(ms)
	s.Refresh(rotated)
	s.Refresh(live)
	to := record.KeyOf("to")
	if err := s.Rotate(context.Background(), rotated, to, []byte("v"), time.Minute); err != nil {
		t.Fatal(err)
	}
	s.Refresh(to)
	for k, why := range map[record.Key]record.Reason{deleted: record.Deleted, revoked: record.Revoked} {
		if _, err := s.End(context.Background(), k, why); err != nil {
			t.Fatal(err)
		}
	}
	clock.Advance(2 * time.Second)
	s.Sweep()
	if err := s.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
	st := s.Stats()
	want := storage.Ends{Idle: 1, Absolute: 1, Deleted: 1, Revoked: 1, Replaced: 1}
	if st.Creations != 7 || st.Refreshes != 3 || st.Ends != want {
		t.Errorf("Stats = %d creations, %d refreshes, %+v; want 7, 3, %+v", st.Creations, st.Refreshes, st.Ends, want)
	}
	if n := st.FlushTime.Count(); n < 1 || n > st.Commits || !st.LastFlush.After(start) {
		t.Errorf("Stats = %d flushes in %d commits, the last at %v; want some, after %v", n, st.Commits, st.LastFlush, start)
	}
	if least, most := 4096*st.Commits, uint64(1<<20); st.CommitBytes < least || st.CommitBytes > most {
		t.Errorf("%d commits wrote %d bytes; want %d to %d", st.Commits, st.CommitBytes, least, most)
	}
	if n := st.CommitTime.Count(); n != st.Commits {
		t.Errorf("CommitTime counts %d; want %d", n, st.Commits)
	}
	if st.CommitTotal < st.MaxCommit || st.CommitTotal > time.Duration(st.Commits)*st.MaxCommit || st.FlushTotal <= 0 || st.FlushTotal > st.CommitTotal {
		t.Errorf("%d commits took %v, flushes %v; want sums, the longest being %v", st.Commits, st.CommitTotal, st.FlushTotal, st.MaxCommit)
	}
	if n := s.Find(to.Handle()).Refreshes; n != 2 {
		t.Errorf("Refreshes of the rotated session = %d; want 2, one under each key", n)
	}
}

// A doubling has those durations that are shorter than it, and no other.
func TestLatencies_Doubling(t *testing.T) {
	var l storage.Latencies
	for n, below := range []time.Duration{0, 4, 12, 28, 60, 124, 252} {
		if n == 0 {
			continue // nothing is shorter than 0
		}
		l.Add(below*time.Microsecond - 1)
		if got, count := l.Doubling(n); got != below*time.Microsecond || count != uint64(n) {
			t.Errorf("Doubling(%d) = %v, %d; want %d µs, %d", n, got, count, below, n)
		}
	}
	l.Add(time.Hour)
	if _, count := l.Doubling(25); count != 6 {
		t.Errorf("Doubling(25) = %d; want 6, without the hour", count)
	}
}

func TestLatencies(t *testing.T) {
	for _, d := range []time.Duration{0, 1, time.Microsecond, 7 * time.Microsecond, time.Millisecond, 1234567, time.Second, time.Minute} {
		var l storage.Latencies
		l.Add(d)
		if got := l.Quantile(1); got < d || got > d+d/4+2*time.Microsecond {
			t.Errorf("Quantile(1) of %v = %v; want that, a quarter more at most", d, got)
		}
	}
	var early, late storage.Latencies
	early.Add(time.Hour)
	late = early
	for i := range 100 {
		late.Add(time.Duration(i+1) * time.Millisecond)
	}
	since := late.Since(early)
	if since.Count() != 100 {
		t.Errorf("Count = %d; want 100", since.Count())
	}
	for q, want := range map[float64]time.Duration{0: ms, 0.5: 50 * ms, 0.99: 99 * ms, 1: 100 * ms} {
		if got := since.Quantile(q); got < want || got > want+want/4 {
			t.Errorf("Quantile(%v) = %v; want %v to %v", q, got, want, want+want/4)
		}
	}
	if got := (storage.Latencies{}).Quantile(0.5); got != 0 {
		t.Errorf("Quantile of nothing = %v; want 0", got)
	}
}
