package redis_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// ofEachKind runs a test on one Redis, with Sentinel and on a Cluster.
func ofEachKind(t *testing.T, test func(*testing.T, redis.Config)) {
	t.Run("One", func(t *testing.T) { t.Parallel(); test(t, on(shared.Server(t))) })
	t.Run("Sentinel", func(t *testing.T) {
		t.Parallel()
		s := testredis.NewSentinel(t)
		cfg := on(s.Master)
		cfg.Addresses, cfg.MasterSet = s.Addrs(), testredis.MasterSet
		test(t, cfg)
	})
	t.Run("Cluster", func(t *testing.T) {
		t.Parallel()
		c := testredis.NewCluster(t)
		cfg := on(c.Nodes[0])
		cfg.Addresses, cfg.Cluster = c.Addrs()[:3], true
		test(t, cfg)
	})
}

// Servers see each other: the later one those that were there before it. One that stops takes
// its entry away, and one that is gone without that lapses.
func TestStore_Announce(t *testing.T) {
	t.Parallel()
	ofEachKind(t, func(t *testing.T, cfg redis.Config) {
		one, two := open(t, cfg), open(t, cfg)
		if list, err := two.Members(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("Members = %v, %v; want none", list, err)
		}
		wantMembers(t, one, redis.Member{ID: "a", Data: []byte("1")}, "a=1")
		wantMembers(t, two, redis.Member{ID: "ab", Data: []byte("\x00b")}, "a=1 ab=\x00b")
		wantMembers(t, one, redis.Member{ID: "a"}, "a= ab=\x00b")
		if err := one.Withdraw(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		if err := one.Withdraw(t.Context(), "a"); err != nil {
			t.Errorf("Withdraw again = %v", err)
		}
		begun := time.Now()
		wantMembers(t, two, redis.Member{ID: "c"}, "ab=\x00b c=")
		until(t, "both have lapsed", func() bool { list, err := one.Members(t.Context()); return err == nil && len(list) == 0 })
		if took := time.Since(begun); took < redis.MemberStays-time.Second {
			t.Errorf("they lapsed after %v; want %v", took, redis.MemberStays)
		}
	})
}

// wantMembers announces a server, and checks all that are announced.
func wantMembers(t *testing.T, s *redis.Store, m redis.Member, want string) {
	t.Helper()
	list, err := s.Announce(t.Context(), m)
	var got []string
	for _, m := range list {
		got = append(got, m.ID+"="+string(m.Data))
		if m.Left <= 0 || m.Left > redis.MemberStays {
			t.Errorf("%s is left for %v; want up to %v", m.ID, m.Left, redis.MemberStays)
		}
	}
	if err != nil || strings.Join(got, " ") != want {
		t.Errorf("Announce(%s) = %q, %v; want %q", m.ID, got, err, want)
	}
}

// The roster has its bounds, and one that lapsed makes room.
func TestStore_Announce_Bounds(t *testing.T) {
	t.Parallel()
	s := open(t, on(shared.Server(t)))
	for id, size := range map[string]int{"": 0, strings.Repeat("x", redis.MaxMemberID+1): 0, "a": redis.MaxMemberData + 1} {
		if _, err := s.Announce(t.Context(), redis.Member{ID: id, Data: make([]byte, size)}); !errors.Is(err, redis.ErrMember) {
			t.Errorf("Announce(%q, %d bytes) = %v; want ErrMember", id, size, err)
		}
	}
	data := make([]byte, redis.MaxMemberData)
	for i := range redis.MaxMembers {
		if _, err := s.Announce(t.Context(), redis.Member{ID: strconv.Itoa(i), Data: data}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Announce(t.Context(), redis.Member{ID: "more"}); !errors.Is(err, record.ErrFull) {
		t.Errorf("Announce of one more = %v; want ErrFull", err)
	}
	if list, err := s.Announce(t.Context(), redis.Member{ID: "7", Data: data}); err != nil || len(list) != redis.MaxMembers {
		t.Errorf("Announce of one that is there = %d, %v; want %d", len(list), err, redis.MaxMembers)
	}
	if err := s.Withdraw(t.Context(), "7"); err != nil {
		t.Fatal(err)
	}
	if list, err := s.Announce(t.Context(), redis.Member{ID: "more"}); err != nil || len(list) != redis.MaxMembers {
		t.Errorf("Announce into the room = %d, %v; want %d", len(list), err, redis.MaxMembers)
	}
}

// A full Redis still takes announcements and leases; one that is away is unavailable.
func TestStore_Announce_FullAndAway(t *testing.T) {
	t.Parallel()
	server := testredis.New(t)
	s := open(t, quick(server))
	server.Text(t, "CONFIG", "SET", "maxmemory", "1")
	if _, err := s.Announce(t.Context(), redis.Member{ID: "a"}); err != nil {
		t.Errorf("Announce at maxmemory = %v", err)
	}
	if held, err := s.Lease(t.Context(), "chore", "a", time.Minute); err != nil || !held {
		t.Errorf("Lease at maxmemory = %v, %v", held, err)
	}
	server.Kill(t)
	_, err := s.Announce(t.Context(), redis.Member{ID: "a"})
	if !errors.Is(err, record.ErrUnavailable) {
		t.Errorf("Announce without Redis = %v; want unavailable", err)
	}
	if err := s.Withdraw(t.Context(), "a"); !errors.Is(err, record.ErrUnavailable) {
		t.Errorf("Withdraw without Redis = %v; want unavailable", err)
	}
	server.Start(t)
	until(t, "it is announced again", func() bool { _, err := s.Announce(context.Background(), redis.Member{ID: "a"}); return err == nil })
}
