package redis_test

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// shared is a Redis for all tests that leave it as it is.
var shared testredis.Shared

func TestMain(m *testing.M) {
	if config := os.Getenv(childVariable); config != "" {
		if err := endKeys(config); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	waitTogether()
	code := m.Run()
	shared.Close()
	os.Exit(code)
}

// waitTogether lets more tests run in parallel than there are processors, since these wait
// for servers most of the time. A -parallel of the command line counts.
func waitTogether() {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", "8") // the flag exists
	}
}

var prefixes atomic.Int64

// on returns the configuration of a Store on a server, with a prefix of its own.
func on(s *testredis.Server) redis.Config {
	return redis.Config{Addresses: []string{s.Addr}, Prefix: "t" + strconv.FormatInt(prefixes.Add(1), 36) + ":", CommandTimeout: 5 * time.Second}
}

// open opens a Store, which is closed when the test ends.
func open(t testing.TB, cfg redis.Config) *redis.Store {
	t.Helper()
	s, err := redis.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	return s
}

func newKey() record.Key { return record.KeyOf(rand.Text()) }

func content(value string, idle time.Duration) record.Content {
	return record.Content{Value: []byte(value), Idle: idle}
}

// created returns the key of a new session.
func created(t testing.TB, s *redis.Store, c record.Content, absolute time.Duration) record.Key {
	t.Helper()
	k := newKey()
	if _, err := s.Create(t.Context(), k, c, absolute); err != nil {
		t.Fatalf("Create = %v", err)
	}
	return k
}

func refreshed(t testing.TB, s *redis.Store, k record.Key) record.Record {
	t.Helper()
	rec, err := s.Refresh(t.Context(), k)
	if err != nil {
		t.Fatalf("Refresh = %v", err)
	}
	return rec
}

func peek(t testing.TB, s *redis.Store, k record.Key) record.Record {
	t.Helper()
	rec, err := s.Peek(t.Context(), k)
	if err != nil {
		t.Fatalf("Peek = %v", err)
	}
	return rec
}

// until waits until ok returns true. Redis gives no sign of it.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited 30 s until %s", what)
		}
	}
}
