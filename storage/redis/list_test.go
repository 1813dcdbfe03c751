package redis_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
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
		"match": {Match: func(v []byte) bool { return string(v) == "short" }},
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
	for _, q := range []record.Query{{Limit: 10}, {Limit: 10, Descending: true}, {Limit: 10, Match: func([]byte) bool { return true }}} {
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
