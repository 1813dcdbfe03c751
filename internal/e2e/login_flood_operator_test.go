package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/internal/testkit/redis"
)

// hostile posts wrong passwords on 20 connections without pause, each from another address,
// half of them for this name, until the returned function is called. That returns how many
// were answered. from is the address of the i-th of a connection. failed is closed when each
// connection has had a wrong password checked.
func (s *server) hostile(t *testing.T, name string, from func(connection int, i int64) string) (failed <-chan struct{}, stop func() int64) {
	var wg, first sync.WaitGroup
	first.Add(20)
	all := make(chan struct{})
	go func() { first.Wait(); close(all) }()
	var sent atomic.Int64
	done := make(chan struct{})
	for connection := range 20 {
		wg.Go(func() {
			browser := testkit.At(t, s.url)
			browser.Carrier = &http.Transport{}
			defer browser.CloseIdleConnections()
			checked := sync.OnceFunc(first.Done)
			defer checked()
			for {
				select {
				case <-done:
					return
				default:
				}
				i := sent.Add(1)
				user := name
				if i%2 == 0 {
					user = fmt.Sprint("guess", i)
				}
				status, err := s.tries(browser, from(connection, i), user, "wrong")
				if err != nil {
					t.Errorf("a hostile sign-in: %v", err)
					return
				}
				if status == http.StatusForbidden {
					checked()
				}
			}
		})
	}
	return all, func() int64 { close(done); wg.Wait(); return sent.Load() }
}

// tries signs in from an address behind the test's proxy.
func (s *server) tries(from *testkit.Client, address, name, password string, more ...testkit.Option) (int, error) {
	r, err := from.Try(http.MethodPost, "/admin/login/", append(more, testkit.Header("Sec-Fetch-Site", "same-origin"),
		testkit.Header("X-Forwarded-For", address), testkit.Form("username", name, "password", password))...)
	if err != nil {
		return 0, err
	}
	return r.StatusCode, nil
}

// TestLoginFlood_OperatorsSignIn checks that operators sign in within 2 s while 20
// connections from many addresses post wrong passwords for their name without pause: in a
// browser that has signed in before, from any address, and without its cookie from a
// network where they have signed in before.
func TestLoginFlood_OperatorsSignIn(t *testing.T) {
	start(t, "--trusted-proxies=127.0.0.1").signInBesideFlood(t)
}

// The same where failures count in Redis.
func TestLoginFlood_OperatorsSignInOnRedis(t *testing.T) {
	start(t, "--trusted-proxies=127.0.0.1", "--sessions", "redis://"+redis.New(t).Addr).signInBesideFlood(t)
}

func (s *server) signInBesideFlood(t *testing.T) {
	t.Helper()
	s.operator()
	here := testkit.At(t, s.url)
	r := s.post("/admin/login/", testkit.Header("Sec-Fetch-Site", "same-origin"), testkit.Header("X-Forwarded-For", "203.0.113.1"),
		testkit.Form("username", "ada", "password", consolePassword))
	var device string
	for _, c := range r.Cookies() {
		if c.Name == "admindevice" {
			device = c.Value
		}
	}
	_, stop := s.hostile(t, "ada", func(_ int, i int64) string { return fmt.Sprintf("198.%d.%d.%d", 18+i>>16&1, i>>8&255, i&255) })
	time.Sleep(time.Second) // the flood fills the queue, and the name has its failures
	for _, tt := range []struct {
		what   string
		tries  int
		signIn func(i int) (int, error)
	}{
		{"a known network", 8, func(int) (int, error) { return s.tries(here, "203.0.113.1", "ada", consolePassword) }},
		{"a known device, each time in another network", 32, func(i int) (int, error) {
			return s.tries(here, fmt.Sprintf("203.0.113.%d", 100+i), "ada", consolePassword, testkit.Cookie("admindevice", device))
		}},
	} {
		var took []time.Duration
		for i := range tt.tries {
			begin := time.Now()
			status, err := tt.signIn(i)
			if took = append(took, time.Since(begin)); err != nil || status != http.StatusSeeOther || took[i] > 2*time.Second {
				t.Errorf("%s, try %d: %d, %v after %v; want 303 within 2s", tt.what, i, status, err, took[i])
			}
		}
		t.Logf("%s: median %v, slowest %v", tt.what, median(took), slices.Max(took))
	}
	status, err := s.tries(here, "192.0.2.200", "ada", consolePassword)
	t.Logf("neither: %d, %v", status, err)
	t.Logf("%d hostile sign-ins", stop())
}

// TestLoginFlood_StrangerSignsIn checks that operators sign in within 2 s also in a browser
// and a network that are new to them, while 20 connections from 20 addresses post wrong
// passwords for other names: networks with failures come last.
func TestLoginFlood_StrangerSignsIn(t *testing.T) {
	s := start(t, "--trusted-proxies=127.0.0.1")
	s.operator()
	here := testkit.At(t, s.url)
	failed, stop := s.hostile(t, "eve", func(connection int, _ int64) string { return fmt.Sprintf("198.18.0.%d", connection) })
	<-failed // each address has failures, and most are not yet delayed
	begin := time.Now()
	status, err := s.tries(here, "203.0.113.1", "ada", consolePassword)
	if took := time.Since(begin); err != nil || status != http.StatusSeeOther || took > 2*time.Second {
		t.Errorf("a stranger's sign-in = %d, %v after %v; want 303 within 2s", status, err, took)
	} else {
		t.Logf("a stranger's sign-in took %v", took)
	}
	t.Logf("%d hostile sign-ins", stop())
}
