package e2e

import (
	"bufio"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit/postgres"
	"pagesession/internal/testkit/redis"
)

// onRedis starts a server with its sessions there.
func onRedis(t *testing.T, sessions string, args ...string) *server {
	t.Helper()
	return start(t, append([]string{"--sessions", sessions}, args...)...)
}

// Servers on one Redis share sessions: one that is created on a server is live on the other,
// one that is deleted on a server ends on the other, in an open stream within 3 s. A restart
// keeps them.
func TestRedis_TwoServers(t *testing.T) {
	t.Parallel()
	twoServers(t, "redis://"+redis.New(t).Addr, 3*time.Second)
}

// The same on a Cluster, of which the servers are told two nodes. Its six processes share the
// machine with all other tests, so an end may be heard of later.
func TestRedis_Cluster(t *testing.T) {
	t.Parallel()
	c := redis.NewCluster(t)
	twoServers(t, "redis+cluster://"+c.Nodes[0].Addr+","+c.Nodes[1].Addr, 15*time.Second)
}

func twoServers(t *testing.T, sessions string, within time.Duration) {
	t.Helper()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("k", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--idle-timeout", "60s", "--secret-key", key, "--accounts", postgres.New(t).Database(t)}
	one, two := onRedis(t, sessions, args...), onRedis(t, sessions, args...)
	id, kept := one.set(named("Pema")), one.set(named("Sonam"))
	two.get("/get/", cookie(id)).Wants(200, "Pema")
	ended := two.hearsEnd(t, id)
	begun := time.Now()
	one.get("/del/", cookie(id))
	select {
	case line := <-ended:
		if took := time.Since(begun); took > within || !strings.Contains(line, `"deleted"`) {
			t.Errorf("the stream of the other server said %q after %v; want deleted within %v", line, took, within)
		}
	case <-time.After(30 * time.Second):
		t.Error("the stream of the other server did not end")
	}
	two.state(id, "ended", "deleted")
	one.stop()
	two.stop()
	again := startIn(t, one.dir, append([]string{"--sessions", sessions}, args...)...)
	again.get("/get/", cookie(kept)).Wants(200, "Sonam")
	if said := runCommand(one.dir, nil, "sessions", "list"); said.code != 0 || !strings.Contains(said.stdout, "\n1 session.\n") {
		t.Errorf("sessions list = %+v; want the one that is live", said)
	}
}

// hearsEnd opens a stream, and returns a channel that gets the data of its end.
func (s *server) hearsEnd(t *testing.T, id string) <-chan string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/session/stream/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", "sessionid="+id)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	a, err := http.DefaultClient.Do(req)
	if err != nil || a.StatusCode != 200 {
		t.Fatalf("GET /session/stream/ = %v, %v", a, err)
	}
	data := make(chan string, 1)
	go func() {
		defer func() { _ = a.Body.Close() }()
		for lines, end := bufio.NewScanner(a.Body), false; lines.Scan(); {
			if end {
				data <- lines.Text()
				return
			}
			end = lines.Text() == "event: ended"
		}
	}()
	return data
}

// While Redis does not answer, pages are 503 with Retry-After and say nothing of an end; the
// probe and the command say what is wrong. Then the session goes on.
func TestRedis_Away(t *testing.T) {
	t.Parallel()
	r := redis.New(t)
	s := onRedis(t, "redis://"+r.Addr, "--idle-timeout", "200s")
	id := s.set(named("Pema"))
	r.Pause(t)
	for range 3 {
		a := s.get("/get/", cookie(id)).Wants(503, "Temporarily unavailable").Lacks("xpired", "ended")
		if a.Header.Get("Retry-After") == "" || a.Header.Get("Set-Cookie") != "" {
			t.Errorf("Retry-After %q, Set-Cookie %q; want only the first", a.Header.Get("Retry-After"), a.Header.Get("Set-Cookie"))
		}
	}
	s.get("/readyz?verbose").Wants(200, "Redis: unavailable since ", "Check that Redis runs")
	if said := runCommand(s.dir, nil, "status"); said.code != 0 || !strings.Contains(said.stdout, "Visitors’ pages and the console answer with 503") {
		t.Errorf("status = %+v; want what is refused", said)
	}
	r.Continue(t)
	s.await("the session after the outage", func() bool { return s.get("/get/", cookie(id)).StatusCode == 200 })
	s.await("the probe after the outage", func() bool { return strings.Contains(s.get("/readyz?verbose").Text, "Redis: ok") })
}

// An open page outlives an outage of 8 s.
func TestBrowser_RedisAway(t *testing.T) {
	t.Parallel()
	r := redis.New(t)
	b := open(t, onRedis(t, "redis://"+r.Addr), 2*time.Minute)
	b.open("/set/?name=Pema")
	b.open("/get/")
	r.Pause(t)
	time.Sleep(8 * time.Second) // of Redis's own clock
	if h := b.heading(); h != getTitle {
		t.Errorf("while Redis is away the page says %q; want %q", h, getTitle)
	}
	r.Continue(t)
	b.s.await("Redis", func() bool { return strings.Contains(b.s.get("/readyz?verbose").Text, "Redis: ok") })
	b.open("/get/")
	b.arrives(getTitle)
	b.until("the name", `document.querySelector('main').innerText.includes('Pema')`)
	b.forgive("status of 5")
}
