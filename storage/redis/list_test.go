package redis_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// pages returns the rows of all pages of a query.
func pages(t *testing.T, s *redis.Store, q record.Query) (rows []record.Row) {
	t.Helper()
	for {
		p, err := s.List(t.Context(), q)
		if err != nil {
			t.Fatalf("List = %v", err)
		}
		rows = append(rows, p.Rows...)
		if !p.More {
			return rows
		}
		q.From = p.Next
	}
}

func values(rows []record.Row) (list []string) {
	for _, row := range rows {
		list = append(list, string(row.Value))
	}
	return list
}

func TestStore_List(t *testing.T) {
	s := open(t, on(shared.Server(t)))
	var keys []record.Key
	for i := range 60 {
		keys = append(keys, created(t, s, content(strconv.Itoa(i), time.Hour), 0))
		if i%3 == 0 {
			time.Sleep(2 * time.Millisecond) // the index counts milliseconds of Redis's clock
		}
	}
	time.Sleep(2 * time.Millisecond)
	short := created(t, s, content("short", 5*time.Minute), 0)
	ended := keys[7]
	if _, err := s.End(t.Context(), ended, record.Deleted); err != nil {
		t.Fatal(err)
	}
	up, down := pages(t, s, record.Query{Limit: 7}), pages(t, s, record.Query{Limit: 13, Descending: true})
	if len(up) != 60 || slices.Contains(values(up), "7") {
		t.Errorf("all pages have %d sessions, %q; want 60, without the ended one", len(up), values(up))
	}
	for i := 1; i < len(up); i++ {
		if up[i].Age > up[i-1].Age+2*time.Second {
			t.Errorf("row %d is %v old, the one before %v; want the oldest first", i, up[i].Age, up[i-1].Age)
		}
	}
	if got := values(up); got[0] != "0" || got[59] != "short" {
		t.Errorf("first and last = %s, %s; want 0, short", got[0], got[59])
	}
	reversed := values(down)
	slices.Reverse(reversed)
	if !slices.Equal(values(up), reversed) {
		t.Errorf("descending = %q; want the opposite of %q", values(down), values(up))
	}
	for name, q := range map[string]record.Query{
		"prefix": {Prefix: short.Handle().String()[:20]}, "upper case": {Prefix: strings.ToUpper(short.Handle().String()[:19])}, "ends": {EndsWithin: 10 * time.Minute},
		"match": {Match: func(v string) bool { return v == "short" }},
	} {
		if got := values(pages(t, s, q)); !slices.Equal(got, []string{"short"}) {
			t.Errorf("search by %s = %q; want one", name, got)
		}
	}
	for name, q := range map[string]record.Query{
		"ended": {States: record.EndedOnly}, "all": {States: record.LiveAndEnded}, "reason": {Reason: record.Idle}, "order": {Order: record.ByUsed}, "offset": {Offset: 1},
	} {
		if _, err := s.List(t.Context(), q); !errors.Is(err, redis.ErrQuery) {
			t.Errorf("List with %s = %v; want ErrQuery", name, err)
		}
	}
	if got := pages(t, s, record.Query{Prefix: "xyz"}); len(got) != 0 {
		t.Errorf("search by a prefix that is no hex = %q; want none", values(got))
	}
}

func TestStore_Find(t *testing.T) {
	s := open(t, on(shared.Server(t)))
	c := content("value", time.Hour)
	c.Subject = "ada"
	k := created(t, s, c, 2*time.Hour)
	row, err := s.Find(t.Context(), k.Handle())
	if err != nil || row.State != record.Live || row.Key != k || row.Subject != "ada" || string(row.Value) != "value" || row.IdleTimeout != time.Hour {
		t.Errorf("Find = %+v, %v; want the session", row, err)
	}
	if n, err := s.EndMany(t.Context(), []record.Key{k, newKey()}, record.Revoked); n != 1 || err != nil {
		t.Errorf("EndMany = %d, %v; want 1", n, err)
	}
	if row, err = s.Find(t.Context(), k.Handle()); err != nil || row.State != record.Ended || row.Reason != record.Revoked || row.EndedAgo > time.Minute {
		t.Errorf("Find of an ended session = %+v, %v; want ended revoked", row, err)
	}
	if row, err = s.Find(t.Context(), newKey().Handle()); err != nil || row.State != record.None {
		t.Errorf("Find of an unknown handle = %+v, %v; want none", row, err)
	}
}

// A page that is full, and the last, says that there is no other.
func TestStore_List_LastPageIsFull(t *testing.T) {
	s := open(t, on(shared.Server(t)))
	for range 20 {
		created(t, s, content("value", time.Hour), 0)
	}
	for _, q := range []record.Query{{Limit: 10}, {Limit: 10, Descending: true}, {Limit: 10, Match: func(string) bool { return true }}} {
		for _, more := range []bool{true, false} {
			p, err := s.List(t.Context(), q)
			if err != nil || len(p.Rows) != 10 || p.More != more {
				t.Errorf("List(%+v) = %d rows, more %v, %v; want 10, more %v", q, len(p.Rows), p.More, err, more)
			}
			q.From = p.Next
		}
	}
}

func TestStore_EndAll(t *testing.T) {
	server := shared.Server(t)
	s, other := open(t, on(server)), open(t, on(server))
	for range 100 {
		created(t, s, content("value", time.Hour), 0)
	}
	k := created(t, other, content("other", time.Hour), 0)
	if n, err := s.EndAll(t.Context(), record.Revoked); n != 100 || err != nil {
		t.Errorf("EndAll = %d, %v; want 100", n, err)
	}
	if p, err := s.List(t.Context(), record.Query{}); err != nil || len(p.Rows) != 0 || p.Total != 0 {
		t.Errorf("List = %d rows of %d, %v; want none", len(p.Rows), p.Total, err)
	}
	if rec := peek(t, other, k); rec.State != record.Live {
		t.Error("EndAll ended a session of another prefix")
	}
}

// EndAll ends sessions of every kind, and tells all who should know.
func TestStore_EndAll_Kinds(t *testing.T) {
	server := shared.Server(t)
	s := open(t, on(server))
	never := created(t, s, content("no idle timeout", 0), time.Hour)
	of := created(t, s, record.Content{Value: []byte("of a subject"), Idle: time.Hour, Subject: "7"}, 0)
	shorter := created(t, s, content("shorter later", time.Hour), 0)
	if _, err := s.Replace(t.Context(), shorter, 0, content("shorter", time.Minute)); err != nil {
		t.Fatal(err)
	}
	damaged := []record.Key{created(t, s, content("damaged", time.Hour), 0), created(t, s, content("damaged", time.Hour), 0)}
	server.Text(t, "SET", s.LiveName(damaged[0]), "short")
	server.Text(t, "SET", s.LiveName(damaged[1]), strings.Repeat("\xff", 40))
	woken := make(chan struct{})
	defer s.Watch(never, sync.OnceFunc(func() { close(woken) }))() // the poll may wake it, too
	if n, err := s.EndAll(t.Context(), record.Revoked); n != 3 || err != nil {
		t.Errorf("EndAll = %d, %v; want the 3 that are whole", n, err)
	}
	<-woken
	for _, k := range append(damaged, never, of, shorter) {
		if rec := peek(t, s, k); rec.State != record.Ended || rec.Reason != record.Revoked {
			t.Errorf("Peek = %v %v; want ended, revoked", rec.State, rec.Reason)
		}
	}
	if rows, err := s.OfSubject(t.Context(), "7"); len(rows) != 0 || err != nil {
		t.Errorf("OfSubject = %d rows, %v; want none", len(rows), err)
	}
	if n, err := s.EndAll(t.Context(), record.Revoked); n != 0 || err != nil {
		t.Errorf("a second EndAll = %d, %v; want 0", n, err)
	}
}

// A session that is rotated while EndAll runs, from a tag that it has not reached to one that
// it has passed, ends under its new key. Sessions that are created later stay.
func TestStore_EndAll_Rotated(t *testing.T) {
	s := open(t, on(shared.Server(t)))
	const sessions = 50
	var from, to [sessions]record.Key
	for i := range from {
		from[i], to[i] = keyIn(1000, 1024), keyIn(0, 24)
		mustCreate(t, s, from[i])
	}
	signal, halfway := keyIn(200, 300), make(chan struct{})
	mustCreate(t, s, signal)
	defer s.Watch(signal, sync.OnceFunc(func() { close(halfway) }))()
	var all sync.WaitGroup
	for i := range from {
		all.Go(func() {
			<-halfway
			if _, err := s.Rotate(t.Context(), from[i], to[i], 0, content("value", time.Hour)); err != nil && !errors.Is(err, record.ErrEnded) {
				t.Error(err)
			}
		})
	}
	n, err := s.EndAll(t.Context(), record.Revoked)
	if n != sessions+1 || err != nil {
		t.Errorf("EndAll = %d, %v; want %d", n, err, sessions+1)
	}
	later := created(t, s, content("later", time.Hour), 0)
	all.Wait()
	for i := range to {
		if rec := peek(t, s, to[i]); rec.State == record.Live {
			t.Error("a rotated session is live")
		}
	}
	if rec := peek(t, s, later); rec.State != record.Live {
		t.Errorf("a later session is %v; want live", rec.State)
	}
}

// keyIn returns a new key with a tag in a range.
func keyIn(from, to int) record.Key {
	for {
		k := newKey()
		if tag := redis.TagOf(k.Handle()); from <= tag && tag < to {
			return k
		}
	}
}

func mustCreate(t *testing.T, s *redis.Store, k record.Key) {
	t.Helper()
	if _, err := s.Create(t.Context(), k, content("value", time.Hour), 0); err != nil {
		t.Fatal(err)
	}
}

// A session that timed out leaves the index, and is remembered.
func TestStore_Sweep(t *testing.T) {
	s := open(t, on(shared.Server(t)))
	k := created(t, s, content("value", 100*time.Millisecond), 0)
	created(t, s, content("value", time.Hour), 0)
	time.Sleep(100 * time.Millisecond) // Redis's clock cannot be set
	for range 2 {
		if rec := peek(t, s, k); rec.State != record.Ended {
			t.Errorf("Peek = %v; want ended", rec.State)
		}
		if _, err := s.Sweep(t.Context()); err != nil {
			t.Errorf("Sweep = %v", err)
		}
	}
	if p, err := s.List(t.Context(), record.Query{}); err != nil || len(p.Rows) != 1 || p.Total != 1 {
		t.Errorf("List = %d rows of %d, %v; want one", len(p.Rows), p.Total, err)
	}
}

func TestStore_NoIndex(t *testing.T) {
	cfg := on(shared.Server(t))
	cfg.NoIndex = true
	s := open(t, cfg)
	k := created(t, s, content("value", time.Hour), 0)
	if _, err := s.List(t.Context(), record.Query{}); !errors.Is(err, redis.ErrNoIndex) {
		t.Errorf("List = %v; want ErrNoIndex", err)
	}
	if ended, err := s.End(t.Context(), k, record.Deleted); !ended || err != nil {
		t.Errorf("End = %v, %v; want true", ended, err)
	}
}
