package redis_test

import (
	"errors"
	"net"
	"strconv"
	"testing"
	"time"

	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// A migration moves the slot of some sessions from one node of a Cluster to another.
type migration struct {
	from, to *testredis.Server
	slot     string
}

// migrate begins to move the slot of a key.
func migrate(t *testing.T, c *testredis.Cluster, name string) migration {
	t.Helper()
	m := migration{slot: c.Nodes[0].Text(t, "CLUSTER", "KEYSLOT", name)}
	slot, err := strconv.Atoi(m.slot)
	if err != nil {
		t.Fatal(err)
	}
	owner := min(2, slot*3/16384)
	m.from, m.to = c.Nodes[owner], c.Nodes[(owner+1)%3]
	m.to.Text(t, "CLUSTER", "SETSLOT", m.slot, "IMPORTING", m.from.Text(t, "CLUSTER", "MYID"))
	m.from.Text(t, "CLUSTER", "SETSLOT", m.slot, "MIGRATING", m.to.Text(t, "CLUSTER", "MYID"))
	return m
}

// move moves keys.
func (m *migration) move(t *testing.T, names ...string) {
	t.Helper()
	host, port, _ := net.SplitHostPort(m.to.Addr)
	for _, name := range names {
		if got := m.from.Text(t, "MIGRATE", host, port, name, "0", "5000"); got != "OK" {
			t.Fatalf("MIGRATE = %s", got)
		}
	}
}

// finish moves the other keys and gives the slot to the new node.
func (m *migration) finish(t *testing.T) {
	t.Helper()
	keys, err := m.from.Do("CLUSTER", "GETKEYSINSLOT", m.slot, "1000")
	if err != nil {
		t.Fatal(err)
	}
	names, _ := keys.AsStrSlice()
	m.move(t, names...)
	id := m.to.Text(t, "CLUSTER", "MYID")
	for _, node := range []*testredis.Server{m.to, m.from} {
		node.Text(t, "CLUSTER", "SETSLOT", m.slot, "NODE", id)
	}
}

// beside returns a key in the slot of another one.
func beside(k record.Key) record.Key {
	for {
		if other := newKey(); other[0] == k[0] && other[1]>>6 == k[1]>>6 {
			return other
		}
	}
}

// While a slot moves (ASK), a session that is refreshed is found at either node, and what
// needs several keys is unavailable; nothing is taken for missing. After it (MOVED) all goes
// on. A slot that no node serves (CLUSTERDOWN) is unavailable.
func TestFailure_Slot(t *testing.T) {
	t.Parallel()
	c := testredis.NewCluster(t)
	cfg := quick(c.Nodes[0])
	cfg.Addresses, cfg.Cluster = c.Addrs(), true
	s := open(t, cfg)
	moved := created(t, s, content("value", time.Hour), 0)
	stays := beside(moved)
	if _, err := s.Create(t.Context(), stays, content("value", time.Hour), 0); err != nil {
		t.Fatal(err)
	}
	m := migrate(t, c, s.LiveName(moved))
	m.move(t, s.LiveName(moved))
	wantMoving(t, s, moved, stays)
	m.finish(t)
	for _, k := range []record.Key{moved, stays} {
		until(t, "the new node answers", func() bool { rec, err := s.Peek(t.Context(), k); return err == nil && rec.State == record.Live })
	}
	if ended, err := s.End(t.Context(), stays, record.Deleted); !ended || err != nil {
		t.Errorf("End after the move = %v, %v; want true", ended, err)
	}
	if _, err := s.Rotate(t.Context(), moved, beside(moved), 0, content("value", time.Hour)); err != nil {
		t.Errorf("Rotate after the move = %v", err)
	}
	k := beside(moved)
	if _, err := s.Create(t.Context(), k, content("value", time.Hour), 0); err != nil {
		t.Errorf("Create after the move = %v", err)
	}
	m.to.Text(t, "CLUSTER", "DELSLOTS", m.slot)
	wantAway(t, s, k, "CLUSTERDOWN")
	m.to.Text(t, "CLUSTER", "ADDSLOTS", m.slot)
	wantBack(t, s, k, record.Live)
}

// wantMoving checks the calls about two sessions, of which one has moved to the new node.
func wantMoving(t *testing.T, s *redis.Store, moved, stays record.Key) {
	t.Helper()
	for _, k := range []record.Key{moved, stays} {
		if rec := refreshed(t, s, k); rec.State != record.Live {
			t.Errorf("Refresh during the move = %v; want live", rec.State)
		}
		for name, call := range everyCall(s, k) {
			if name == "Refresh" || name == "Create" || name == "OfSubject" || name == "EndSubject" {
				continue // of this slot, only the first
			}
			if err := call(); !errors.Is(err, record.ErrUnavailable) {
				t.Errorf("%s during the move = %v; want unavailable", name, err)
			}
		}
	}
	if _, err := s.Create(t.Context(), beside(moved), content("x", time.Hour), 0); !errors.Is(err, record.ErrUnavailable) {
		t.Errorf("Create during the move = %v; want unavailable", err)
	}
	if away := s.Health().Away; away != 0 {
		t.Errorf("Health().Away = %v during the move; want 0: refreshes go on", away)
	}
}
