package console_test

import (
	"bytes"
	"crypto/rand"
	"encoding/gob"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/console"
	"pagesession/internal/control"
	"pagesession/internal/testkit"
	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// onRedis is a fixture whose visitors' sessions are in Redis.
func onRedis(t testing.TB) (*fixture, *redis.Store, *testredis.Server) {
	t.Helper()
	server := testredis.New(t)
	store, err := redis.Open(t.Context(), redis.Config{Addresses: []string{server.Addr}, CommandTimeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	d := openConsole(t, func(cfg *console.Config) { cfg.Visitors = control.ServerSessions{Store: store} })
	d.superuser("ada")
	return d, store, server
}

// named begins a session in Redis, of a visitor with a name.
func named(t testing.TB, store *redis.Store, name string) record.Key {
	t.Helper()
	var value bytes.Buffer
	err := gob.NewEncoder(&value).Encode(map[string]any{"name": name})
	k := record.KeyOf(rand.Text())
	if err == nil {
		_, err = store.Create(t.Context(), k, record.Content{Value: value.Bytes(), Idle: time.Hour}, 12*time.Hour)
	}
	if err != nil {
		t.Error(err)
	}
	return k
}

// plantOnRedis begins n sessions at once, after one of a visitor called the oldest.
func plantOnRedis(t testing.TB, store *redis.Store, n int) (keys []record.Key) {
	t.Helper()
	keys = make([]record.Key, n)
	keys[0] = named(t, store, "the oldest")
	var next atomic.Int64
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for i := next.Add(1); i < int64(n); i = next.Add(1) {
				keys[i] = named(t, store, fmt.Sprint("visitor", i))
			}
		})
	}
	all.Wait()
	return keys
}

// walk follows the pages of a list to its end, and counts how often each session is listed.
func (b *browser) walk(address string) (times map[string]int, pages int) {
	times = map[string]int{}
	for a := b.get(address).Wants(200); a != nil; a = b.next(a) {
		pages++
		for _, handle := range listed(a) {
			times[handle]++
		}
	}
	return times, pages
}

// onRedisSessions is how many sessions a search cannot look at at once.
const onRedisSessions = 12_000

// Each session is on one page. Sessions that come and go on the way change nothing for the
// others. A search looks at 5,000 sessions and then goes on.
func TestSessions_OnRedis(t *testing.T) {
	if testing.Short() {
		t.Skip("goes through 12,000 sessions")
	}
	d, store, _ := onRedis(t)
	keys, ada := plantOnRedis(t, store, onRedisSessions), d.as("ada")
	began := time.Now()
	times, pages := ada.walk("/admin/sessions/?o=created")
	t.Logf("%d pages, %v each", pages, time.Since(began)/time.Duration(pages))
	wantsOnce(t, times, keys)
	if pages != onRedisSessions/50 || len(times) != len(keys) {
		t.Errorf("the list has %d sessions on %d pages; want %d on %d", len(times), pages, len(keys), onRedisSessions/50)
	}
	ada.searches(keys[0])

	stop, churn := make(chan struct{}), sync.WaitGroup{}
	churn.Go(func() {
		for i := 1; ; i += 2 { // every other session ends, and as many come
			select {
			case <-stop:
				return
			default:
			}
			named(t, store, "newcomer")
			if i < len(keys) {
				if _, err := store.End(t.Context(), keys[i], record.Deleted); err != nil {
					t.Error(err)
				}
			}
		}
	})
	times, pages = ada.walk("/admin/sessions/")
	close(stop)
	churn.Wait()
	var stayed []record.Key
	for i := 0; i < len(keys); i += 2 {
		stayed = append(stayed, keys[i])
	}
	t.Logf("with others coming and going: %d sessions on %d pages", len(times), pages)
	wantsOnce(t, times, stayed)
}

// wantsOnce holds that each of these sessions has been listed once, and none more often.
func wantsOnce(t *testing.T, times map[string]int, keys []record.Key) {
	t.Helper()
	lost, doubled := 0, 0
	for _, k := range keys {
		if times[k.Handle().String()] == 0 {
			lost++
		}
	}
	for _, n := range times {
		if n > 1 {
			doubled++
		}
	}
	if lost > 0 || doubled > 0 {
		t.Errorf("%d sessions are on no page, and %d on several; want each on one", lost, doubled)
	}
}

// searches looks for the oldest session, by its name and by its fingerprint.
func (b *browser) searches(oldest record.Key) {
	b.T.Helper()
	a := b.get("/admin/sessions/?q=the+oldest").Wants(200, "No session found yet", "Looked at 5\u202f000 of about 12\u202f000 sessions, none found so far.")
	a = b.next(a).Wants(200, "Looked at 10\u202f000 of about 12\u202f000 sessions, none found so far.")
	b.next(a).Wants(200, "<bdi>the oldest</bdi>", "All sessions were looked at, 1 found.")
	b.get("/admin/sessions/?q=the+oldest&o=created").Wants(200, "<bdi>the oldest</bdi>", "Looked at 5\u202f000 of about 12\u202f000 sessions, 1 found so far.")
	for _, q := range []string{oldest.Fingerprint(), oldest.Handle().String()} {
		b.get("/admin/sessions/?q="+q).Wants(200, "<bdi>the oldest</bdi>", "1 in all", " starts with <code>"+q)
	}
	b.get("/admin/sessions/?state=10s").Wants(200, "Looked at 5\u202f000 of about 12\u202f000 sessions, none found so far.")
}

// BenchmarkSessionList_OnRedis is a page of a list by position at 12,000 live sessions, and
// one search that looks at 5,000.
func BenchmarkSessionList_OnRedis(b *testing.B) {
	if testing.Short() {
		b.Skip("plants 12,000 sessions")
	}
	d, store, _ := onRedis(b)
	keys, ada := plantOnRedis(b, store, onRedisSessions), d.as("ada")
	var middle *testkit.Reply
	for a := ada.get("/admin/sessions/"); !strings.HasPrefix(pagerOf(a), "6\u202f001"); a = ada.next(a) {
		middle = a
	}
	there := nextLink.FindStringSubmatch(middle.Text)[1]
	for _, bm := range []struct{ name, address, shows string }{
		{"newest", "/admin/sessions/", "1 to 50 of about 12\u202f000"},
		{"middle", strings.ReplaceAll(there, "&amp;", "&"), "6\u202f001 to 6\u202f050 of about"},
		{"search", "/admin/sessions/?q=absent", "Looked at 5\u202f000 of"},
		{"ending within 10 s", "/admin/sessions/?state=10s", "Looked at 5\u202f000 of"},
		{"fingerprint", "/admin/sessions/?q=" + keys[0].Fingerprint(), "1 in all"},
		{"states of a page", "/admin/sessions/state/?h=" + strings.Join(listed(ada.get("/admin/sessions/")), ","), "remaining_ms"},
	} {
		b.Run(bm.name, func(b *testing.B) {
			for b.Loop() {
				if a := ada.get(bm.address); !strings.Contains(a.Text, bm.shows) {
					b.Fatalf("GET %s = %d without %q", a.What, a.StatusCode, bm.shows)
				}
			}
		})
	}
}

// pagerOf is what a page says about its place in the list.
func pagerOf(a *testkit.Reply) string {
	_, rest, _ := strings.Cut(a.Text, `aria-label="Pages"><p>`)
	says, _, _ := strings.Cut(rest, "<")
	return says
}

// While Redis is down the list says so; it comes back by itself.
func TestSessions_RedisDown(t *testing.T) {
	d, store, server := onRedis(t)
	k, ada := named(t, store, "Pema"), d.as("ada")
	ada.get("/admin/sessions/").Wants(200, "<bdi>Pema</bdi>", "1 in all")
	ada.get(sessionAt(k.Handle())).Wants(200, "Pema").Lacks("Refreshes")
	ada.post("/admin/sessions/" + k.Handle().String() + "/end/").Wants(303)
	ada.get(sessionAt(k.Handle())).Wants(200, "Ended by operator")
	server.Kill(t)
	for _, address := range []string{"/admin/sessions/", sessionAt(k.Handle()), "/admin/sessions/state/?h=" + k.Handle().String()} {
		ada.get(address).Wants(503, "Sessions unavailable")
	}
	ada.get("/admin/").Wants(200)
	server.Start(t)
	for end := time.Now().Add(30 * time.Second); ada.get("/admin/sessions/").StatusCode != 200; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("Redis is back for 30 s, and the list is not")
		}
	}
	ada.get("/admin/sessions/").Wants(200, "<h2>No sessions</h2>")
}
