package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/internal/testkit/postgres"
	"pagesession/internal/testkit/redis"
)

// A console of two servers: they share a Redis, a PostgreSQL and the signing key.
type twoConsoles struct {
	one, two *server
	redis    *redis.Server
	accounts *postgres.Server
	ada      string // the session of a superuser, who has signed in on the first
	args     []string
	done     *changes // by operators, in an outage
}

func startTwoConsoles(t *testing.T) *twoConsoles {
	t.Helper()
	c := &twoConsoles{redis: redis.New(t), accounts: postgres.New(t)}
	c.args = []string{"--sessions", "redis://" + c.redis.Addr, "--accounts", c.accounts.Database(t), "--trusted-proxies", "127.0.0.1"}
	c.one = start(t, c.args...)
	c.ada = c.one.operator()
	dir := filepath.Join(t.TempDir(), "data")
	key, err := os.ReadFile(filepath.Join(c.one.dir, "secret.key"))
	if err == nil {
		err = os.Mkdir(dir, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "secret.key"), key, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	c.two = startIn(t, dir, c.args...)
	return c
}

// fromConsole asks a page of the console with an operator's session, as one of its pages does.
func fromConsole(id string) []testkit.Option {
	return []testkit.Option{testkit.Header("Sec-Fetch-Site", "same-origin"), testkit.Header("Cookie", "adminid="+id)}
}

// Two servers are one console: an operator signs in once for both, and signs out of both. A form
// that begins on one continues on the other.
func TestOperators_TwoServers(t *testing.T) {
	t.Parallel()
	c := startTwoConsoles(t)
	c.two.get("/admin/users/", fromConsole(c.ada)...).Wants(200, "ada")
	out := c.two.post("/admin/logout/", fromConsole(c.ada)...).Wants(303)
	if at := c.one.get("/admin/users/", fromConsole(c.ada)...).Leads(); !strings.Contains(at, "was=deleted") {
		t.Errorf("after a sign-out on the other server /admin/users/ leads to %q; want the sign-in page, which says so", at)
	}
	notice := ""
	for _, cookie := range out.Cookies() {
		if cookie.Name != "adminid" && cookie.Value != "" {
			notice += cookie.Name + "=" + cookie.Value + "; "
		}
	}
	c.one.get("/admin/login/", testkit.Header("Cookie", notice)).Wants(200, "You have signed out.")

	c.ada = c.one.signIn("ada", consolePassword)
	c.two.get("/admin/own-sessions/", fromConsole(c.ada)...).Wants(200, "You have 1 session")
	if said := runCommand(c.two.dir, nil, "sessions", "end-all", "--yes"); said.code != 0 {
		t.Errorf("sessions end-all = %+v", said)
	}
	c.two.get("/admin/users/", fromConsole(c.ada)...).Wants(200)
	c.one.stop()
	c.two.get("/admin/users/", fromConsole(c.ada)...).Wants(200)
}

// Failed sign-ins count over both servers, and a command clears them on both, whether its own
// server runs or not.
func TestOperators_FailuresCountOnBoth(t *testing.T) {
	t.Parallel()
	c := startTwoConsoles(t)
	tries := func(s *server, address, password string, want int) {
		t.Helper()
		if got, err := s.tries(testkit.At(t, s.url), address, "ada", password); got != want {
			t.Errorf("a sign-in from %s = %d, %v; want %d", address, got, err, want)
		}
	}
	all := func(user string) {
		t.Helper()
		for i := range 10 {
			tries([]*server{c.one, c.two}[i%2], fmt.Sprintf("198.51.100.%d", i), "wrong", http.StatusForbidden)
		}
		for _, s := range []*server{c.one, c.two} {
			tries(s, user, consolePassword, http.StatusTooManyRequests)
		}
	}
	all("203.0.113.1")
	if r := runCommand(c.two.dir, nil, "users", "unlock", "ada"); r != (said{0, "Failed sign-ins of ada that no longer count: 10.\n", ""}) {
		t.Errorf("users unlock = %+v", r)
	}
	tries(c.one, "203.0.113.1", consolePassword, http.StatusSeeOther)
	all("203.0.113.2")
	c.two.stop()
	if r := runCommand(c.two.dir, nil, append([]string{"users", "unlock", "ada"}, c.args[:4]...)...); r != (said{0, "Failed sign-ins of ada that no longer count: 10.\n", ""}) {
		t.Errorf("users unlock without a server = %+v", r)
	}
	tries(c.one, "203.0.113.2", consolePassword, http.StatusSeeOther)
}

// An operator who is disabled on one server is out on the other within a second, and their open
// dashboard ends.
func TestOperators_DisabledOnTheOther(t *testing.T) {
	t.Parallel()
	c := startTwoConsoles(t)
	if r := newOperator(c.one.dir, "eve"); r.code != 0 {
		t.Fatalf("createsuperuser = %+v", r)
	}
	eve := c.two.signIn("eve", consolePassword)
	ended := c.two.dashboardEnds(t, eve)
	c.two.get("/admin/users/", fromConsole(eve)...).Wants(200)
	begun := time.Now()
	if r := runCommand(c.one.dir, nil, "users", "disable", "eve"); r.code != 0 {
		t.Fatalf("users disable = %+v", r)
	}
	done := time.Now()
	c.two.await("the end of eve's session", func() bool { return c.two.get("/admin/users/", fromConsole(eve)...).StatusCode == 303 })
	took := time.Since(done)
	select {
	case <-ended:
	case <-time.After(testkit.Patience):
		t.Error("the dashboard of a disabled operator goes on")
	}
	t.Logf("disabled by a command of %v; out on the other server after %v, the open dashboard after %v", done.Sub(begun), took, time.Since(done))
	if took > time.Second {
		t.Errorf("disabled on one server, and out on the other after %v; want within 1 s", took)
	}
	c.two.get("/admin/users/", fromConsole(c.ada)...).Wants(200)
	// A command without a server reaches the others, too.
	if r := runCommand(c.one.dir, nil, "users", "enable", "eve"); r.code != 0 {
		t.Fatalf("users enable = %+v", r)
	}
	eve = c.two.signIn("eve", consolePassword)
	c.one.stop()
	if r := runCommand(c.one.dir, nil, append([]string{"users", "disable", "eve"}, c.args[2:4]...)...); r.code != 0 {
		t.Fatalf("users disable without a server = %+v", r)
	}
	c.two.await("the end of eve's session", func() bool { return c.two.get("/admin/users/", fromConsole(eve)...).StatusCode == 303 })
}

// In a Cluster operators sign in, and their failures count.
func TestOperators_Cluster(t *testing.T) {
	t.Parallel()
	cluster := redis.NewCluster(t)
	s := start(t, "--sessions", "redis+cluster://"+cluster.Nodes[0].Addr+","+cluster.Nodes[1].Addr, "--trusted-proxies", "127.0.0.1")
	s.get("/admin/users/", fromConsole(s.operator())...).Wants(200, "ada")
	for i := range 11 {
		want := http.StatusForbidden
		if i == 10 {
			want = http.StatusTooManyRequests
		}
		if got, err := s.tries(testkit.At(t, s.url), "198.51.100.1", fmt.Sprint("n", i), "wrong"); got != want {
			t.Errorf("try %d = %d, %v; want %d", i, got, err, want)
		}
	}
	s.get("/admin/own-sessions/", fromConsole(s.signIn("ada", consolePassword))...).Wants(200, "You have 2 sessions")
}

// dashboardEnds opens the stream of the dashboard, and returns a channel that is closed at its
// end.
func (s *server) dashboardEnds(t *testing.T, id string) <-chan struct{} {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/admin/stream/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", "adminid="+id)
	a, err := http.DefaultClient.Do(req)
	if err != nil || a.StatusCode != 200 {
		t.Fatalf("GET /admin/stream/ = %v, %v", a, err)
	}
	body := bufio.NewReader(a.Body)
	if _, err := body.ReadByte(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() { _ = a.Body.Close() }()
		_, _ = io.Copy(io.Discard, body)
	}()
	return ended
}
