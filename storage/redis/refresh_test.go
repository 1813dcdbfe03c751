package redis_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
)

// calls returns how often a server ran a command.
func calls(t *testing.T, s *testredis.Server, command string) int {
	t.Helper()
	stats := testredis.Field(s.Text(t, "INFO", "commandstats"), "cmdstat_"+command)
	n, _, _ := strings.Cut(strings.TrimPrefix(stats, "calls="), ",")
	count, err := strconv.Atoi(n)
	if err != nil && n != "" {
		t.Fatalf("commandstats of %s = %q", command, stats)
	}
	return count
}

// wantCommands fails unless do sends these commands to the server and no others.
func wantCommands(t *testing.T, s *testredis.Server, do func(), want map[string]int) {
	t.Helper()
	s.Text(t, "CONFIG", "RESETSTAT")
	do()
	for _, name := range []string{"get", "getex", "pexpireat", "evalsha", "eval"} {
		if got := calls(t, s, name); got != want[name] {
			t.Errorf("%d times %s; want %d", got, name, want[name])
		}
	}
}

func TestStore_Refresh_Commands(t *testing.T) {
	server := testredis.New(t)
	cfg := on(server)
	one := open(t, cfg)
	two := open(t, cfg)
	k := created(t, one, content("value", time.Hour), 24*time.Hour)
	refresh := func() {
		if rec, err := one.Refresh(t.Context(), k); err != nil || string(rec.Value) != "value" || rec.Remaining != rec.IdleTimeout {
			t.Errorf("Refresh = %+v, %v; want the value and all of the idle timeout", rec, err)
		}
	}
	wantCommands(t, server, refresh, map[string]int{"getex": 1})

	wantCommands(t, server, func() { // the other server sees the session for the first time
		if _, err := two.Refresh(t.Context(), k); err != nil {
			t.Error(err)
		}
	}, map[string]int{"get": 1, "getex": 1})

	if _, err := two.Replace(t.Context(), k, 0, content("value", 2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	wantCommands(t, server, refresh, map[string]int{"getex": 2}) // the timeout grew
	wantCommands(t, server, refresh, map[string]int{"getex": 1})

	if _, err := two.Replace(t.Context(), k, 0, content("value", time.Minute)); err != nil {
		t.Fatal(err)
	}
	wantCommands(t, server, refresh, map[string]int{"getex": 1, "evalsha": 1, "eval": 1, "get": 1}) // it shrank
	wantCommands(t, server, refresh, map[string]int{"evalsha": 1, "get": 1})                        // the script has the GET
}

// The absolute timeout limits the TTL.
func TestStore_Refresh_NearTheAbsoluteTimeout(t *testing.T) {
	server := shared.Server(t)
	s := open(t, on(server))
	k := created(t, s, content("value", time.Hour), time.Minute)
	rec, err := s.Refresh(t.Context(), k)
	if err != nil || rec.Remaining != rec.AbsoluteRemaining {
		t.Errorf("Refresh = %+v, %v; want the time until the absolute timeout", rec, err)
	}
	if ttl := server.Text(t, "PTTL", s.LiveName(k)); len(ttl) > 5 {
		t.Errorf("PTTL = %s; want at most a minute", ttl)
	}
}

// A refresh by a server that knows a longer idle timeout than the session has now does
// not make the session live longer.
func TestStore_Refresh_AfterAShorterTimeout(t *testing.T) {
	server := shared.Server(t)
	cfg := on(server)
	one, two := open(t, cfg), open(t, cfg)
	k := created(t, one, content("value", time.Hour), 0)
	if _, err := two.Replace(t.Context(), k, 0, content("value", 300*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	// What the first server sends before it has read the value; then it dies.
	server.Text(t, "GETEX", one.LiveName(k), "PX", "3600000")
	time.Sleep(300 * time.Millisecond) // Redis's clock cannot be set
	for name, rec := range map[string]record.Record{"Peek": peek(t, one, k), "Refresh": refreshed(t, one, k)} {
		if rec.State != record.Ended || rec.Reason != record.Idle {
			t.Errorf("%s = %v %v; want ended idle", name, rec.State, rec.Reason)
		}
	}
	if ttl := server.Text(t, "EXISTS", one.LiveName(k)); ttl != "0" {
		t.Error("the expired session's key is still there after a refresh")
	}
}

// A session whose TTL was not limited to the absolute timeout is not served after it.
func TestStore_Refresh_LostPexpireat(t *testing.T) {
	server := shared.Server(t)
	s := open(t, on(server))
	k := created(t, s, content("value", time.Hour), 300*time.Millisecond)
	server.Text(t, "GETEX", s.LiveName(k), "PX", "3600000")
	time.Sleep(300 * time.Millisecond) // Redis's clock cannot be set
	for name, rec := range map[string]record.Record{"Peek": peek(t, s, k), "Refresh": refreshed(t, s, k)} {
		if rec.State != record.Ended {
			t.Errorf("%s after the absolute timeout = %v; want ended", name, rec.State)
		}
	}
}
