package e2e

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// The namespaces of the flood: three hostile ones, the operator's two, and a stranger's.
const (
	hostileA, hostileB = 0, 1 // four IPv4 addresses each
	hostile6           = 2    // one IPv6 /64
	home, away         = 3, 4 // where the operator has signed in, and where they have not
	neighbour          = 5    // of another operator who signs in for the first time
)

// hostileSites are the addresses and networks that guess.
const (
	hostileAddresses = 4
	hostileSites     = 2*hostileAddresses + 1
	site6            = "the IPv6 network"
)

// TestLoginFlood_Networks floods a server from three networks, directly and not through a
// proxy: eight IPv4 addresses, and 16 IPv6 addresses of one /64, guess without pause, half of
// the time the operator's name. Meanwhile operators sign in within 2 s: with the cookie of
// their browser in a new network, each time from another address; without it where they
// have signed in before; and, under a name that is not guessed, without either. The
// guessed name without either gets a try of its own. A hostile network is refused, also from
// addresses that have guessed nothing.
func TestLoginFlood_Networks(t *testing.T) {
	all := newNamespaces(t, neighbour+1)
	s := all.serve()
	at := func(client int, address string) *testkit.Client { return all.clients[client].client(t, address) }
	r := signIn(t, at(home, "198.18.3.2"), "ada")
	if r.StatusCode != http.StatusSeeOther {
		t.Fatalf("the first sign-in = %d\n%s", r.StatusCode, s.out)
	}
	device := testkit.Cookie("admindevice", cookieOf(r, "admindevice"))
	f := all.flood("ada")
	defer f.stop()
	f.wait(t, "each network has failed", func(n *guesses) bool { return n.wrong.Load() > 0 })

	inTime(t, "a known browser in another network", 6, func(i int) *testkit.Reply {
		return signIn(t, at(away, fmt.Sprintf("198.18.4.%d", 2+i)), "ada", device)
	})
	inTime(t, "a known network", 4, func(int) *testkit.Reply { return signIn(t, at(home, "198.18.3.2"), "ada") })
	inTime(t, "a name that is not guessed", 1, func(int) *testkit.Reply { return signIn(t, at(neighbour, "198.18.5.2"), "eve") })

	r = signIn(t, at(neighbour, "198.18.5.3"), "ada")
	wait, err := strconv.Atoi(r.Header.Get("Retry-After"))
	admitted := r.StatusCode == http.StatusSeeOther // its try came free at this moment
	if most := 30 * (hostileSites + 1); !admitted && (r.StatusCode != http.StatusTooManyRequests || err != nil || wait > most) {
		t.Errorf("the guessed name in a new network = %d, Retry-After %d; want 303, or 429 and at most %d s", r.StatusCode, wait, most)
	}
	t.Logf("the guessed name in a new network waits %d s", wait)

	f.wait(t, "the IPv6 network is refused", func(*guesses) bool { return f.sites[site6].refused.Load() > 0 })
	if r := signIn(t, at(hostile6, fmt.Sprintf("2001:db8:%d::%x", hostile6, 0x100+clientAddresses6-1)), "eve"); r.StatusCode != http.StatusTooManyRequests {
		t.Errorf("another address of a hostile network = %d; want 429", r.StatusCode)
	}
	t.Logf("%d hostile sign-ins", f.stop())
}

// serve starts a server in its namespace, with the operators ada and eve.
func (all *namespaces) serve() *server {
	all.t.Helper()
	dir := filepath.Join(all.t.TempDir(), "data")
	for _, name := range []string{"ada", "eve"} {
		if r := newOperator(dir, name); r.code != 0 {
			all.t.Fatalf("createsuperuser: %+v", r)
		}
	}
	var s *server
	cmd := command("--addr", fmt.Sprintf("[::]:%d", namespacePort), "--data-dir", dir, "--allowed-hosts", "*")
	client := all.clients[0].client(all.t, "198.18.0.2")
	if err := all.server.Do(func() error { s = begin(all.t, dir, cmd, client); return nil }); err != nil {
		all.t.Fatal(err)
	}
	s.await("GET /readyz = 200", func() bool {
		r, err := client.Try("GET", "/readyz")
		return err == nil && r.StatusCode == http.StatusOK
	})
	return s
}

func signIn(t *testing.T, from *testkit.Client, name string, more ...testkit.Option) *testkit.Reply {
	t.Helper()
	return from.Post("/admin/login/", append(more, testkit.Header("Sec-Fetch-Site", "same-origin"), testkit.Form("username", name, "password", consolePassword))...)
}

func cookieOf(r *testkit.Reply, name string) string {
	for _, c := range r.Cookies() {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// inTime checks that sign-ins succeed, each within 2 s.
func inTime(t *testing.T, what string, n int, signIn func(i int) *testkit.Reply) {
	t.Helper()
	var took []time.Duration
	for i := range n {
		begin := time.Now()
		r := signIn(i)
		if took = append(took, time.Since(begin)); r.StatusCode != http.StatusSeeOther || took[i] > 2*time.Second {
			t.Errorf("%s, try %d: %d after %v; want 303 within 2s", what, i, r.StatusCode, took[i])
		}
	}
	t.Logf("%s: median %v, slowest %v", what, median(took), slices.Max(took))
}

// A networkFlood posts wrong passwords without pause.
type networkFlood struct {
	sent    atomic.Int64
	sites   map[string]*guesses
	done    chan struct{}
	running sync.WaitGroup
	once    sync.Once
}

// guesses are the answers to one site.
type guesses struct {
	wrong   atomic.Int64 // passwords that were checked
	refused atomic.Int64 // names that were not guessed before, so the network was refused
}

// flood starts 24 connections that guess, half of the time this name.
func (all *namespaces) flood(name string) *networkFlood {
	f := &networkFlood{sites: map[string]*guesses{}, done: make(chan struct{})}
	start := func(client int, site, address string) {
		if f.sites[site] == nil {
			f.sites[site] = new(guesses)
		}
		found, from := f.sites[site], all.clients[client].client(all.t, address)
		f.running.Go(func() { f.guess(all.t, from, found, name) })
	}
	for host := 2; host < 2+hostileAddresses; host++ {
		for _, client := range []int{hostileA, hostileB} {
			address := fmt.Sprintf("198.18.%d.%d", client, host)
			start(client, address, address)
		}
	}
	for host := range clientAddresses6 - 1 {
		start(hostile6, site6, fmt.Sprintf("2001:db8:%d::%x", hostile6, 0x100+host))
	}
	return f
}

func (f *networkFlood) guess(t *testing.T, from *testkit.Client, found *guesses, name string) {
	for {
		select {
		case <-f.done:
			return
		default:
		}
		i := f.sent.Add(1)
		user := name
		if i%2 == 0 {
			user = fmt.Sprint("guess", i)
		}
		r, err := from.Try("POST", "/admin/login/", testkit.Header("Sec-Fetch-Site", "same-origin"), testkit.Form("username", user, "password", "wrong"))
		switch {
		case err != nil:
			t.Errorf("a hostile sign-in: %v", err)
			return
		case r.StatusCode == http.StatusForbidden:
			found.wrong.Add(1)
		case r.StatusCode == http.StatusTooManyRequests && user != name:
			found.refused.Add(1)
		}
	}
}

// wait waits until done is true of each site. On a machine with much other work ten hashes
// for a network can take half a minute.
func (f *networkFlood) wait(t *testing.T, what string, done func(*guesses) bool) {
	t.Helper()
	for end := time.Now().Add(3 * testkit.Patience); ; time.Sleep(5 * time.Millisecond) {
		missing := ""
		for site, n := range f.sites {
			if !done(n) {
				missing = site
			}
		}
		if missing == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%v without that %s: %s", 3*testkit.Patience, what, missing)
		}
	}
}

// stop ends the flood and returns how many of its sign-ins were answered.
func (f *networkFlood) stop() int64 {
	f.once.Do(func() { close(f.done); f.running.Wait() })
	return f.sent.Load()
}
