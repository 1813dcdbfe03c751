package redis_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// replicaOf starts a replica and waits until changes reach it, which can be a second after
// its copy.
func replicaOf(t *testing.T, server *testredis.Server) *testredis.Server {
	t.Helper()
	host, port, _ := strings.Cut(server.Addr, ":")
	replica := testredis.New(t, "replicaof", host+" "+port)
	until(t, "the replica has a copy", func() bool {
		return testredis.Field(replica.Text(t, "INFO", "replication"), "master_link_status") == "up"
	})
	server.Text(t, "SET", "change", "1")
	until(t, "a change reaches the replica", func() bool { return replica.Text(t, "EXISTS", "change") == "1" })
	return replica
}

// replicated returns a Store whose ends wait for one replica, for half of the limit.
func replicated(t *testing.T, server *testredis.Server, limit time.Duration) *redis.Store {
	t.Helper()
	cfg := on(server)
	cfg.Replicas, cfg.CommandTimeout = 1, limit
	return open(t, cfg)
}

// With Replicas every way to end a session says whether a replica has the end: without a
// replica, with one, while it is stopped, and when it goes on.
func TestStore_Replicas(t *testing.T) {
	t.Parallel()
	server := testredis.New(t)
	// An end without a replica waits as long as it may. 1 s of that is enough for the calls
	// themselves on a busy machine.
	s, short := replicated(t, server, 10*time.Second), replicated(t, server, 2*time.Second)
	wantDurable(t, short, "without a replica", false)
	replica := replicaOf(t, server)
	for _, k := range wantDurable(t, s, "with a replica", true) {
		if got := replica.Text(t, "EXISTS", s.TombName(k)); got != "1" {
			t.Error("the replica has no tombstone of a durable end")
		}
	}
	replica.Pause(t)
	wantDurable(t, short, "with a stopped replica", false)
	replica.Continue(t)
	wantDurable(t, s, "with a replica that goes on", true)
}

// wantDurable ends sessions in each way, and returns their keys.
func wantDurable(t *testing.T, s *redis.Store, when string, durable bool) (keys []record.Key) {
	t.Helper()
	ctx := t.Context()
	for name, end := range map[string]func(k, to record.Key) error{
		"End":        func(k, _ record.Key) error { _, err := s.End(ctx, k, record.Deleted); return err },
		"EndMany":    func(k, _ record.Key) error { _, err := s.EndMany(ctx, []record.Key{k}, record.Revoked); return err },
		"EndSubject": func(_, _ record.Key) error { _, err := s.EndSubject(ctx, "ada", record.Revoked); return err },
		"EndAll":     func(_, _ record.Key) error { _, err := s.EndAll(ctx, record.Revoked); return err },
		"Rotate": func(k, to record.Key) error {
			rec, err := s.Rotate(ctx, k, to, 0, content("moved", time.Hour))
			if string(rec.Value) != "moved" {
				t.Errorf("%s, Rotate = %+v; want the session", when, rec)
			}
			return err
		},
	} {
		c := content("value", time.Hour)
		c.Subject = "ada"
		k, to := created(t, s, c, 0), newKey()
		if err := end(k, to); durable && err != nil || !durable && !errors.Is(err, record.ErrNotDurable) {
			t.Errorf("%s, %s = %v; want durable: %v", when, name, err, durable)
		}
		if rec := peek(t, s, k); rec.State != record.Ended {
			t.Errorf("%s, Peek after %s = %v; want ended", when, name, rec.State)
		}
		keys = append(keys, k)
	}
	if _, err := s.End(ctx, keys[0], record.Deleted); durable != (err == nil) {
		t.Errorf("%s, a second End = %v; want durable: %v", when, err, durable)
	}
	return keys
}
