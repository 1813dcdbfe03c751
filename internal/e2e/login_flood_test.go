package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/process"

	"pagesession/internal/testkit"
)

// A flood of failed sign-ins has up to 6,000 in three windows of a second, from 24
// addresses in each. Each has a new name, so every one that the throttle admits costs
// a hash.
const (
	floodWindows   = 3
	floodAddresses = 24
	floodLogins    = 2_000
	floodWindow    = time.Second
	getsAWindow    = 200
)

// TestLoginFlood_LeavesPagesAlone checks that up to 2,000 failed sign-ins a second leave
// the p99 of the public pages below twice its normal. The client shares the server's
// processors, so "normal" is measured beside as many requests for the sign-in page,
// which hash nothing. Other work on the machine can spoil one comparison of five; an
// attack that costs more spoils all. While other programs, such as the tests of another
// package, use much of the processors, a page waits for them and for the hash, so it may
// take four times its normal.
func TestLoginFlood_LeavesPagesAlone(t *testing.T) {
	s := start(t)
	id := s.set()
	const tries = 5
	for try := range tries {
		others := s.others(t)
		var asked, attacked []time.Duration
		answers := map[int]int{}
		for w := range floodWindows {
			asked = append(asked, s.beside(t, id, flood{try, w, false}, answers))
			attacked = append(attacked, s.beside(t, id, flood{try, w, true}, answers))
		}
		share := others()
		t.Logf("p99 of /get/: %v beside requests for the sign-in page, %v beside failed sign-ins; answers: %v; other programs used %.0f %% of the processors",
			median(asked), median(attacked), answers, 100*share)
		if answers[http.StatusForbidden] < 10 || answers[http.StatusServiceUnavailable]+answers[http.StatusTooManyRequests] < 500 {
			t.Fatalf("answers = %v; want some sign-ins admitted, and many refused", answers)
		}
		times, slack := time.Duration(2), 2*time.Millisecond
		if share > 0.1 {
			times, slack = 4, 10*time.Millisecond
		}
		if median(attacked) <= times*median(asked)+slack {
			return
		}
	}
	t.Errorf("in %d comparisons the p99 of /get/ was never under twice its normal", tries)
}

// others returns a function that returns which share of the processors programs other than
// the server and the test have used since.
func (s *server) others(t *testing.T) func() float64 {
	t.Helper()
	now := func() (all, busy, own float64) {
		machine, err := cpu.Times(false)
		if err != nil || len(machine) != 1 {
			t.Fatalf("processor time of the machine: %v, %v", machine, err)
		}
		m := machine[0]
		busy = m.User + m.Nice + m.System + m.Irq + m.Softirq + m.Steal
		for _, pid := range []int{s.cmd.Process.Pid, os.Getpid()} {
			used, err := (&process.Process{Pid: int32(pid)}).Times()
			if err != nil {
				t.Fatalf("processor time of process %d: %v", pid, err)
			}
			own += used.User + used.System
		}
		return busy + m.Idle + m.Iowait, busy, own
	}
	all, busy, own := now()
	return func() float64 {
		all2, busy2, own2 := now()
		return (busy2 - busy - own2 + own) / (all2 - all)
	}
}

// beside returns the p99 beside requests for the sign-in page, or failed sign-ins.
func (s *server) beside(t *testing.T, id string, f flood, answers map[int]int) time.Duration {
	t.Helper()
	done := make(chan map[int]int)
	go func() { done <- s.flood(t, f) }()
	took := s.p99(t, id)
	for status, n := range <-done {
		answers[status] += n
	}
	return took
}

// p99 requests /get/ at a fixed rate for a window. A time counts from the instant at
// which the request was due.
func (s *server) p99(t *testing.T, id string) time.Duration {
	t.Helper()
	var wg sync.WaitGroup
	took := make([]time.Duration, getsAWindow)
	begin := time.Now()
	for i := range took {
		due := begin.Add(time.Duration(i) * floodWindow / getsAWindow)
		time.Sleep(time.Until(due)) // waits, to keep the rate
		wg.Go(func() {
			if r := s.get("/get/", cookie(id)); r.StatusCode != http.StatusOK {
				t.Errorf("GET /get/ = %d beside failed sign-ins; want 200", r.StatusCode)
			}
			took[i] = time.Since(due)
		})
	}
	wg.Wait()
	slices.Sort(took)
	return took[len(took)*99/100]
}

// A flood is a window of many requests to the sign-in page.
type flood struct {
	try, window int
	logins      bool // false only requests the page
}

// flood sends a flood's requests, spread evenly over the window, and counts the answers.
// An address that waits for a hash sends fewer.
func (s *server) flood(t *testing.T, f flood) map[int]int {
	answers := map[int]int{}
	var mu sync.Mutex // protects answers
	var wg sync.WaitGroup
	for a := range floodAddresses {
		wg.Go(func() {
			from := testkit.At(t, s.url)
			local := &net.TCPAddr{IP: net.IPv4(127, byte(1+f.try), byte(f.window), byte(1+a))}
			from.Carrier = &http.Transport{DialContext: (&net.Dialer{LocalAddr: local}).DialContext}
			defer from.CloseIdleConnections()
			begin := time.Now()
			for i := range floodLogins / floodAddresses {
				time.Sleep(time.Until(begin.Add(time.Duration(i) * floodWindow * floodAddresses / floodLogins)))
				if time.Since(begin) > floodWindow { // p99 ends with the window
					return
				}
				status, err := f.send(from, a, i)
				if err != nil {
					t.Errorf("%+v: %v", f, err)
					return
				}
				mu.Lock()
				answers[status]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return answers
}

func (f flood) send(from *testkit.Client, address, i int) (int, error) {
	method, opts := http.MethodGet, []testkit.Option{testkit.Header("Sec-Fetch-Site", "same-origin")}
	if f.logins {
		name := fmt.Sprintf("guess-%d-%d-%d-%d", f.try, f.window, address, i)
		method, opts = http.MethodPost, append(opts, testkit.Form("username", name, "password", "wrong"))
	}
	r, err := from.Try(method, "/admin/login/", opts...)
	if err != nil {
		return 0, err
	}
	return r.StatusCode, nil
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
