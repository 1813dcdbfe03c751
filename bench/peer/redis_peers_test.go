package peer

import (
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"pagesession/bench/load"
)

// redisServer returns a workshop with a Redis of its own, until the test ends.
func redisServer(t *testing.T) (w Workshop, store Redis) {
	t.Helper()
	if err := installed(redisProgram, "sh"); err != nil {
		t.Skipf("peers on Redis are not tested: %v", err)
	}
	store, err := StartRedis(t.Context(), t.TempDir(), "everysec")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Kill(); err != nil {
			t.Error(err)
		}
	})
	w = workshop(t)
	w.Redis = store.Addr
	return w, store
}

// A peer on Redis does what is measured, with sessions of its own and with written ones,
// which look like its own.
func TestOnRedis(t *testing.T) {
	for _, p := range OnRedis() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			w, _ := redisServer(t)
			ids, err := p.Fill(t.Context(), w, 300, 1)
			if err != nil {
				t.Fatal(err)
			}
			srv, err := p.Start(t.Context(), w, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = srv.Stop() }()
			checkRefresh(t, srv.URL)
			l := load.Load{URL: srv.URL + "/get/", IDs: ids, Expect: load.Live(), Connections: 4}
			if res, err := load.Each(t.Context(), l); err != nil || res.Good != 300 || !res.Flawless() {
				t.Errorf("Each = %+v, %v; want 300 good answers", res, err)
			}
			checkSizes(t, w.Redis)
		})
	}
}

// checkSizes checks that all live sessions have values of about the same size: the one that
// the peer created, and those that were written.
func checkSizes(t *testing.T, addr string) {
	t.Helper()
	c := goredis.NewClient(&goredis.Options{Addr: addr})
	defer c.Close()
	least, most, n := int64(1<<20), int64(0), 0
	for keys := c.Scan(t.Context(), 0, "*", 1000).Iterator(); keys.Next(t.Context()); {
		if c.Type(t.Context(), keys.Val()).Val() != "string" {
			continue // an index
		}
		if _, kind, tagged := strings.Cut(keys.Val(), "}"); tagged && kind[0] != 's' {
			continue // what the servers keep besides sessions
		}
		size := c.StrLen(t.Context(), keys.Val()).Val()
		least, most, n = min(least, size), max(most, size), n+1
	}
	if n != 301 || most > least+8 {
		t.Errorf("%d values of %d to %d bytes; want 301 of about the same size", n, least, most)
	}
}

func TestStartRedis_Settings(t *testing.T) {
	_, store := redisServer(t)
	c := goredis.NewClient(&goredis.Options{Addr: store.Addr})
	defer c.Close()
	for option, want := range map[string]string{"appendonly": "yes", "appendfsync": "everysec", "save": ""} {
		if got, err := c.ConfigGet(t.Context(), option).Result(); err != nil || got[option] != want {
			t.Errorf("redis-server has %s = %q, %v; want %q", option, got[option], err, want)
		}
	}
	if r, err := StartRedis(t.Context(), t.TempDir(), "everysec", "--no-such-option"); err == nil {
		t.Errorf("StartRedis = %v; want an error", r.Kill())
	}
}
