package redis_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// The background removes the index entries of sessions that timed out, but not while another
// server has the lease; and Close ends it in the midst of a sweep.
func TestStore_Sweep_Background(t *testing.T) {
	server := testredis.New(t)
	before := goleak.IgnoreCurrent()
	cfg := on(server)
	quiet := open(t, cfg)
	server.Text(t, "SET", quiet.LeaseName(), "1") // another server has it
	s, err := redis.Open(t.Context(), cfg.WithSweep(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	created(t, s, content("value", time.Hour), 0)
	for range 10 {
		created(t, s, content("value", 10*time.Millisecond), 0)
	}
	tries := calls(t, server, "set")
	until(t, "it has asked for the lease a few times", func() bool { return calls(t, server, "set") > tries+20 })
	if n := total(t, quiet); n != 11 {
		t.Errorf("%d entries while another server has the lease; want 11", n)
	}
	server.Text(t, "DEL", quiet.LeaseName())
	until(t, "the entries have gone", func() bool { return total(t, quiet) == 1 })
	until(t, "another sweep has begun", func() bool { return server.Text(t, "EXISTS", quiet.LeaseName()) == "1" })
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	_ = quiet.Close()
	goleak.VerifyNone(t, before)
}

// total returns how many entries the index has.
func total(t *testing.T, s *redis.Store) int {
	t.Helper()
	p, err := s.List(t.Context(), record.Query{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	return p.Total
}
