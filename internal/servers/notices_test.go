package servers

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/storage/redis"
)

// A difference is a notice once it has lasted for some seconds, and until it is mended.
func TestGroup_Notices(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(own, other *Info)
		want   string
	}{
		"version":  {func(own, _ *Info) { own.Version = "v2" }, "different versions: v1 on b; v2 on a. That is fine during an upgrade."},
		"setting":  {func(own, _ *Info) { own.Settings = map[string]string{"idle-timeout": "60s"} }, "different values of --idle-timeout: 20s on b; 60s on a."},
		"name":     {func(_, other *Info) { other.Name = "a" }, "Two servers call themselves a. Give each its own --server-name."},
		"key":      {func(own, _ *Info) { own.Key = "other" }, "Server b signs with another key: copy secret.key"},
		"accounts": {func(_, other *Info) { other.AccountsFile = true }, "Server b shares the sessions, and has its accounts in a file; several"},
		"ACME":     {func(_, other *Info) { other.ACME = true }, "Server b gets its certificates with --domain, which works with one server only;"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, own, other := newFake(), good("a"), good("b")
				tt.change(&own, &other)
				a, b := joined(t, f, good("a")), joined(t, f, good("b"))
				defer a.Close()
				a.info.Store(&own) // both run, whatever they are
				b.info.Store(&other)
				time.Sleep(noticeAfter - time.Second)
				if list := a.Notices(); len(list) != 0 {
					t.Errorf("too early: %q", list)
				}
				time.Sleep(4 * time.Second)
				if list := a.Notices(); len(list) != 1 || !strings.Contains(list[0], tt.want) {
					t.Errorf("Notices = %q; want %q", list, tt.want)
				}
				if n := strings.Count(a.log.String(), "level=WARN"); n != 1 {
					t.Errorf("%d warnings; want one:\n%s", n, a.log.String())
				}
				b.Close()
				time.Sleep(2 * time.Second)
				if list := a.Notices(); len(list) != 0 {
					t.Errorf("after the other has gone: %q", list)
				}
			})
		})
	}
}

// What other programs may write harms neither pages nor terminals.
func TestPeersOf_Foreign(t *testing.T) {
	list := peersOf([]redis.Member{
		{ID: "own", Data: []byte(`{"name":"own"}`)},
		{ID: "b", Data: []byte(`not JSON`)},
		{ID: "c", Data: []byte(`{"name":"` + strings.Repeat("x", 100) + `","version":"\u001b[2Jv1\n","newer":{}}`)},
	}, "own")
	if len(list) != 1 || list[0].Name != strings.Repeat("x", MaxName) || list[0].Version != "[2Jv1" {
		t.Errorf("peersOf = %+v; want one, tidied", list)
	}
}

// The key of the servers is compared with what is on the board, before one is made, and for ten
// minutes after the last server has gone.
func TestCheckKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, log := newFake(), slog.New(slog.DiscardHandler)
		key, other := []byte(strings.Repeat("k", 32)), []byte(strings.Repeat("o", 32))
		check := func(key []byte, words ...string) {
			t.Helper()
			err := CheckKey(t.Context(), f, log, key, "/data/secret.key")
			if err == nil != (len(words) == 0) {
				t.Errorf("CheckKey = %v; want %q", err, words)
			}
			for _, part := range words {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("CheckKey = %v; want %q in it", err, part)
				}
			}
		}
		check(nil)
		check(key)
		check(other, `"/data/secret.key" differs`, "--secret-key FILE")
		info := good("web1")
		info.Key = KeyDigest(key)
		a := joined(t, f, info)
		time.Sleep(time.Hour)
		check(other, "servers (web1)")
		check(nil, `there is no key "/data/secret.key"`, "(web1)")
		check(key)
		f.mu.Lock()
		clear(f.kept) // Redis lost its data
		f.mu.Unlock()
		time.Sleep(keyEvery + time.Second)
		check(other, "differs from the key")
		a.Close()
		time.Sleep(9 * time.Minute)
		check(other, "differs from the key")
		time.Sleep(time.Minute)
		check(other)
	})
}

// The digests differ from what they are about, and from each other.
func TestDigests(t *testing.T) {
	key := []byte(strings.Repeat("k", 32))
	a, b := KeyDigest(key), AccountsDigest(string(key))
	if a == b || len(a) != 32 || strings.Contains(a, "kkk") || AccountsDigest("") != "" {
		t.Errorf("digests %q, %q, %q", a, b, AccountsDigest(""))
	}
}
