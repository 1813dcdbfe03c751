package redis_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// A trouble is a state in which a server answers with an error, and its end.
type trouble struct {
	begin, end func(t *testing.T, s *testredis.Server)
	reads      bool // the server still answers what only reads
}

func send(commands ...[]string) func(*testing.T, *testredis.Server) {
	return func(t *testing.T, s *testredis.Server) {
		t.Helper()
		for _, c := range commands {
			s.Text(t, c...)
		}
	}
}

func troubles() map[string]trouble {
	user := []string{"ACL", "SETUSER", "store", "resetpass"}
	return map[string]trouble{
		"MISCONF": snapshots(),
		"NOREPLICAS": {reads: true,
			begin: send([]string{"CONFIG", "SET", "min-replicas-to-write", "1"}),
			end:   send([]string{"CONFIG", "SET", "min-replicas-to-write", "0"}),
		},
		"LOADING": {
			begin: func(t *testing.T, s *testredis.Server) { t.Helper(); load(t, s) },
			end:   send([]string{"CONFIG", "SET", "key-load-delay", "0"}),
		},
		"BUSY": {
			begin: func(t *testing.T, s *testredis.Server) { aside(t, s, "EVAL", "while true do end", "0") },
			end:   send([]string{"SCRIPT", "KILL"}),
		},
		"WRONGPASS": {
			begin: send(append(user, ">new"), []string{"CLIENT", "KILL", "USER", "store"}),
			end:   send(append(user, ">old")),
		},
	}
}

// snapshots fail in a folder in which nothing can be written.
func snapshots() trouble {
	var home string
	return trouble{reads: true,
		begin: func(t *testing.T, s *testredis.Server) {
			m, err := s.Do("CONFIG", "GET", "dir")
			if err != nil {
				t.Fatal(err)
			}
			dirs, _ := m.AsStrMap()
			home = dirs["dir"]
			snapshot(t, s, "/proc", "err")
		},
		end: func(t *testing.T, s *testredis.Server) { snapshot(t, s, home, "ok") },
	}
}

// snapshot makes a snapshot in a folder and waits for its outcome.
func snapshot(t *testing.T, s *testredis.Server, dir, outcome string) {
	t.Helper()
	send([]string{"CONFIG", "SET", "save", "3600 1000"}, []string{"CONFIG", "SET", "dir", dir}, []string{"BGSAVE"})(t, s)
	until(t, "the snapshot is "+outcome, func() bool {
		return testredis.Field(s.Text(t, "INFO", "persistence"), "rdb_last_bgsave_status") == outcome
	})
}

// load makes the server load its data again, slowly.
func load(t *testing.T, s *testredis.Server) {
	t.Helper()
	for range 64 {
		k := newKey()
		s.Text(t, "SET", string(k[:]), string(make([]byte, 4096)))
	}
	s.Text(t, "CONFIG", "SET", "key-load-delay", "30000")
	aside(t, s, "DEBUG", "RELOAD")
}

// aside sends a command that takes long.
func aside(t *testing.T, s *testredis.Server, command ...string) {
	var done sync.WaitGroup
	done.Go(func() { _, _ = s.Do(command...) })
	t.Cleanup(done.Wait)
}

// While a server answers with an error, calls fail as unavailable, and at once within a
// second. When it is well again, they succeed by themselves.
func TestFailure_Answers(t *testing.T) {
	t.Parallel()
	for name, trouble := range troubles() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := testredis.New(t, "enable-protected-configs", "yes", "enable-debug-command", "yes", "busy-reply-threshold", "50", "loading-process-events-interval-bytes", "1024", "rdbcompression", "no")
			server.Text(t, "ACL", "SETUSER", "store", "on", "allkeys", "allcommands", "allchannels", ">old")
			cfg := quick(server)
			cfg.Username, cfg.Password = "store", "old"
			s := open(t, cfg)
			k := created(t, s, content("value", time.Hour), 0)
			trouble.begin(t, server)
			wantAway(t, s, k, name)
			if _, err := s.Peek(t.Context(), newKey()); !trouble.reads && !errors.Is(err, record.ErrUnavailable) {
				t.Errorf("Peek = %v; want unavailable", err)
			}
			trouble.end(t, server)
			wantBack(t, s, k, record.Live)
			if away := s.Health().Away; away != 0 {
				t.Errorf("Health().Away = %v when all is well again; want 0", away)
			}
		})
	}
}

// wantAway fails unless the store notices within a second that Redis answers with an error,
// and answers nothing else than unavailable from then on.
func wantAway(t *testing.T, s *redis.Store, k record.Key, text string) {
	t.Helper()
	begin, good, seen := time.Now(), 0, false
	for s.Health().Away == 0 && time.Since(begin) < 3*time.Second {
		rec, err := s.Refresh(t.Context(), k)
		switch {
		case err == nil && rec.State == record.Live:
			good++
		case !errors.Is(err, record.ErrUnavailable):
			t.Fatalf("Refresh = %v, %v; want unavailable", rec.State, err)
		}
		seen = seen || err != nil && strings.Contains(err.Error(), text)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("noticed after %v and %d answers; want 1 s at most", took, good)
	}
	for _, name := range []string{"Refresh", "Replace", "End", "Rotate"} {
		err := everyCall(s, k)[name]()
		if !errors.Is(err, record.ErrUnavailable) {
			t.Errorf("%s = %v; want unavailable", name, err)
		}
		seen = seen || err != nil && strings.Contains(err.Error(), text)
	}
	if !seen {
		t.Errorf("no error says %q", text)
	}
}
