package storage_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// A ledgerRow is what a test knows of a session, in the fake clock's time.
type ledgerRow struct {
	key                    record.Key
	value                  string
	created, used, endedAt time.Duration
	idle, absolute         time.Duration
	refreshes              uint32
	why                    record.Reason
}

func (r *ledgerRow) deadline() time.Duration {
	end := time.Duration(1<<63 - 1)
	if r.idle > 0 {
		end = r.used + r.idle
	}
	if r.absolute > 0 {
		end = min(end, r.created+r.absolute)
	}
	return end
}

// expire ends the row if its time has run out.
func (r *ledgerRow) expire(now time.Duration) {
	if r.why != record.NoReason || r.deadline() > now {
		return
	}
	r.why, r.endedAt = record.Idle, r.deadline()
	if r.absolute > 0 && r.endedAt == r.created+r.absolute {
		r.why = record.Absolute
	}
}

// rank returns what an order sorts the row by.
func (r *ledgerRow) rank(o record.Order) int64 {
	const last = int64(1) << 62
	switch {
	case o == record.ByHandle:
		return 0
	case r.why != record.NoReason:
		return int64(r.endedAt)
	case o == record.ByCreated:
		return int64(r.created)
	case o == record.ByRemaining:
		return min(int64(r.deadline()), last)
	case o == record.ByAbsolute && r.absolute == 0:
		return last
	case o == record.ByAbsolute:
		return int64(r.created + r.absolute)
	case o == record.ByRefreshes:
		return int64(r.refreshes)
	default:
		return int64(r.used)
	}
}

func (r *ledgerRow) fits(q *record.Query, now time.Duration) bool {
	live := r.why == record.NoReason
	switch {
	case !strings.HasPrefix(r.key.Handle().String(), strings.ToLower(q.Prefix)):
		return false
	case live:
		return q.States != record.EndedOnly && (q.Match == nil || q.Match(r.value)) &&
			(q.EndsWithin == 0 || r.deadline() <= now+q.EndsWithin)
	default:
		return q.States != record.LiveOnly && q.Match == nil && (q.Reason == record.NoReason || q.Reason == r.why)
	}
}

// expected returns what List promises, computed in the simplest way.
func expected(all []*ledgerRow, q record.Query, now time.Duration) []*ledgerRow {
	var rows []*ledgerRow
	for _, r := range all {
		r.expire(now)
		if r.fits(&q, now) {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b *ledgerRow) int {
		if liveA, liveB := a.why == record.NoReason, b.why == record.NoReason; liveA != liveB {
			if liveA {
				return -1
			}
			return 1
		}
		byHandle := bytes.Compare(a.key[:], b.key[:])
		order := cmp.Compare(a.rank(q.Order), b.rank(q.Order))
		if q.Order == record.ByHandle {
			order = byHandle
		}
		if q.Descending {
			order = -order
		}
		return cmp.Or(order, byHandle)
	})
	return rows
}

func (r *ledgerRow) row(now time.Duration) record.Row {
	if r.why != record.NoReason {
		return record.Row{Handle: r.key.Handle(), State: record.Ended, Reason: r.why, EndedAgo: now - r.endedAt}
	}
	row := record.Row{
		Handle: r.key.Handle(), State: record.Live, Key: r.key,
		Age: now - r.created, Unused: now - r.used, IdleTimeout: r.idle, Refreshes: r.refreshes,
	}
	if r.deadline() < 1<<63-1 {
		row.Remaining = r.deadline() - now
	}
	if r.absolute > 0 {
		row.AbsoluteRemaining = r.created + r.absolute - now
	}
	return row
}

// same compares everything in a row; value is the value that is wanted.
func same(got, want record.Row, value string) bool {
	if want.State == record.Ended {
		got.Key = want.Key // present until it is swept
	} else if string(got.Value) != value {
		return false
	}
	got.Value = ""
	return fmt.Sprintf("%+v", got) == fmt.Sprintf("%+v", want)
}

// history fills a storage with sessions that go through everything, and returns
// their ledger.
func history(t *testing.T, rnd *rand.Rand, s *storage.Storage, clock *testkit.Clock, n int) []*ledgerRow {
	var all []*ledgerRow
	for i := range n {
		r := &ledgerRow{
			key: record.KeyOf(fmt.Sprint("id", i)), value: fmt.Sprintf("name-%d-%d", i%7, i),
			created: clock.Boot(), used: clock.Boot(),
			idle:     pickOne(rnd, 0, 20, 100, 100)*time.Second + time.Duration(rnd.IntN(3))*ms,
			absolute: pickOne(rnd, 0, 30, 300) * time.Second,
		}
		if err := s.Create(context.Background(), r.key, []byte(r.value), record.Lifetime{Idle: r.idle, Absolute: r.absolute}); err != nil {
			t.Fatalf("Create: %v", err)
		}
		all = append(all, r)
		befall(t, rnd, s, clock, all[rnd.IntN(len(all))])
	}
	return all
}

func pickOne(rnd *rand.Rand, from ...time.Duration) time.Duration { return from[rnd.IntN(len(from))] }

// befall makes something happen to a session and lets time pass.
func befall(t *testing.T, rnd *rand.Rand, s *storage.Storage, clock *testkit.Clock, r *ledgerRow) {
	r.expire(clock.Boot())
	live := r.why == record.NoReason
	switch rnd.IntN(12) {
	case 0:
		why := []record.Reason{record.Deleted, record.Revoked}[rnd.IntN(2)]
		if ended, err := s.End(context.Background(), r.key, why); ended != live || err != nil {
			t.Fatalf("End = %v, %v; want %v", ended, err, live)
		}
		if live {
			r.why, r.endedAt = why, clock.Boot()
		}
	case 1:
		r.replace(t, s, clock)
	case 2:
		s.Sweep()
	case 3, 4:
		clock.Advance(pickOne(rnd, 1, 7, 500) * ms)
	default:
		if s.Refresh(r.key); live {
			r.refreshes++
			if r.idle > 0 {
				r.used = clock.Boot()
			}
		}
	}
}

// replace changes the value; the count of refreshes stays.
func (r *ledgerRow) replace(t *testing.T, s *storage.Storage, clock *testkit.Clock) {
	value := r.value + "+"
	if err := s.Replace(context.Background(), r.key, []byte(value), r.idle); (err == nil) != (r.why == record.NoReason) {
		t.Fatalf("Replace = %v; ended for %v", err, r.why)
	} else if err == nil {
		r.value, r.used = value, clock.Boot()
	}
}

func TestList_AgreesWithAPlainSlice(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	clock := testkit.NewClock()
	cfg := testConfig(t, clock)
	cfg.Database = memoryDir(t) + "/sessions.db"
	s := open(t, cfg)
	all := history(t, rnd, s, clock, 3000)
	for range 300 {
		q := randomQuery(rnd, all)
		want := expected(all, q, clock.Boot())
		total := len(want)
		want = want[min(q.Offset, total):min(q.Offset+q.Limit, total)]
		got := s.List(q)
		if got.Total != total || len(got.Rows) != len(want) || !got.At.Equal(clock.Wall()) {
			t.Fatalf("List(%+v) = %d rows of %d at %v; want %d of %d at %v",
				q, len(got.Rows), got.Total, got.At, len(want), total, clock.Wall())
		}
		for i, r := range want {
			if w := r.row(clock.Boot()); !same(got.Rows[i], w, r.value) {
				t.Fatalf("List(%+v) row %d = %+v; want %+v with %q", q, i, got.Rows[i], w, r.value)
			}
		}
	}
}

func randomQuery(rnd *rand.Rand, all []*ledgerRow) record.Query {
	q := record.Query{
		States: record.States(rnd.IntN(3)), Order: record.Order(rnd.IntN(7)), Descending: rnd.IntN(2) == 0,
		Offset: rnd.IntN(len(all)), Limit: 1 + rnd.IntN(100),
	}
	switch rnd.IntN(6) {
	case 0:
		q.Prefix = all[rnd.IntN(len(all))].key.Handle().String()[:rnd.IntN(6)]
		q.Offset = 0
	case 1:
		q.Prefix, q.Offset = strings.ToUpper(all[rnd.IntN(len(all))].key.Handle().String()), 0
	case 2:
		part := fmt.Sprintf("name-%d", rnd.IntN(7))
		q.Match = func(value string) bool { return strings.Contains(value, part) }
		q.Offset /= 7
	case 3:
		q.EndsWithin = time.Duration(rnd.IntN(200_000)) * ms
	case 4:
		q.Reason, q.States = record.Reason(1+rnd.IntN(4)), record.EndedOnly
		q.Offset /= 4
	}
	return q
}

func TestList_Defaults(t *testing.T) {
	s := open(t, testConfig(t, testkit.NewClock()))
	for i := range 60 {
		mustCreate(t, s, fmt.Sprint(i), idle20)
	}
	for _, c := range []struct {
		q    record.Query
		rows int
	}{
		{record.Query{}, 50},
		{record.Query{Limit: math.MaxInt}, 60},
		{record.Query{Limit: -1, Offset: -5}, 50},
		{record.Query{Offset: 55}, 5},
		{record.Query{Offset: math.MaxInt}, 0},
	} {
		if p := s.List(c.q); len(p.Rows) != c.rows || p.Total != 60 {
			t.Errorf("List(%+v) = %d rows of %d; want %d of 60", c.q, len(p.Rows), p.Total, c.rows)
		}
	}
	for _, prefix := range []string{"g", "0x", "é", strings.Repeat("0", 33), " "} {
		if p := s.List(record.Query{Prefix: prefix}); p.Total != 0 {
			t.Errorf("List(Prefix %q) finds %d; want none", prefix, p.Total)
		}
	}
}

func TestFind(t *testing.T) {
	clock := testkit.NewClock()
	s := open(t, testConfig(t, clock))
	live := mustCreate(t, s, "live", idle20)
	ended := mustCreate(t, s, "ended", idle20)
	if _, err := s.End(context.Background(), ended, record.Revoked); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Second)
	s.Refresh(live)
	if r := s.Find(live.Handle()); r.Key != live || r.State != record.Live || r.Refreshes != 1 ||
		r.Age != time.Second || r.Unused != 0 || string(r.Value) != "value of live" {
		t.Errorf("Find(live) = %+v; want a session a second old, refreshed once", r)
	}
	if r := s.Find(ended.Handle()); r.State != record.Ended || r.Reason != record.Revoked || r.EndedAgo != time.Second {
		t.Errorf("Find(ended) = %+v; want revoked a second ago", r)
	}
	if r := s.Find(record.KeyOf("nobody").Handle()); r.State != record.None {
		t.Errorf("Find(unknown) = %+v; want the state None", r)
	}
	clock.Advance(20 * time.Second)
	if r := s.Find(live.Handle()); r.State != record.Ended || r.Reason != record.Idle || r.Key != live || r.Value != "" {
		t.Errorf("Find(expired) = %+v; want ended, Idle, with its key", r)
	}
}
