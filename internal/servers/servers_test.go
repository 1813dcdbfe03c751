package servers

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestJoin_Refuses(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(own, other *Info)
		words  []string
	}{
		"another key":          {func(own, _ *Info) { own.Key = "other" }, []string{"server a signs with another key", "--secret-key FILE", "wait 10 minutes"}},
		"accounts in a file":   {func(own, _ *Info) { own.AccountsFile = true }, []string{"this server has its accounts in a file", "--accounts postgres://", "pagesession accounts move"}},
		"the other has a file": {func(_, other *Info) { other.AccountsFile = true }, []string{"server a shares the sessions, and has its accounts in a file", "--accounts postgres://"}},
		"another PostgreSQL":   {func(own, _ *Info) { own.Accounts = "other" }, []string{"another PostgreSQL database", "the same --accounts"}},
		"own certificates":     {func(own, _ *Info) { own.ACME = true }, []string{"--domain works with one server only", "--tls-cert and --tls-key"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, own, other := newFake(), good("b"), good("a")
				tt.change(&own, &other)
				a := joined(t, f, other)
				defer a.Close()
				for range 3 { // at any moment of the other's second
					begun := time.Now()
					refused(t, f, own, tt.words...)
					if took := time.Since(begun); took > 2*announceEvery {
						t.Errorf("the refusal took %v, though the other server runs", took)
					}
					time.Sleep(announceEvery/3 - time.Since(begun)%announceEvery/3)
				}
				if list := a.Servers(); len(list) != 1 {
					t.Errorf("Servers = %v; want the one that runs", list)
				}
				time.Sleep(2 * noticeAfter)
				if list := a.Notices(); len(list) != 0 || a.log.String() != "" {
					t.Errorf("the server that was there says %q, log %q; want nothing", list, a.log.String())
				}
			})
		})
	}
}

// Config.Fits is asked when the server is announced, and its error refuses the start.
func TestJoin_RefusesWhatDoesNotFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, unfit, announced := newFake(), errors.New("it does not fit"), 0
		_, err := Join(t.Context(), Config{
			Board: f, Info: func() Info { return good("a") }, Logger: slog.New(slog.DiscardHandler),
			Fits: func(ctx context.Context) error {
				members, _ := f.Members(ctx)
				announced = len(members)
				return unfit
			},
		})
		if !errors.Is(err, unfit) || announced != 1 {
			t.Errorf("Join = %v, with %d servers announced; want %v and 1", err, announced, unfit)
		}
		if members, _ := f.Members(t.Context()); len(members) != 0 {
			t.Errorf("after the refusal %d servers are announced; want none", len(members))
		}
	})
}

// What is unknown, or a matter of taste, refuses no start.
func TestJoin_Fits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		for _, change := range []func(*Info){
			func(*Info) {},
			func(i *Info) { i.Accounts = "" },
			func(i *Info) { i.Version = "v2" },
			func(i *Info) { i.Settings = map[string]string{"idle-timeout": "60s", "newer": "1"} },
		} {
			info := good("x")
			change(&info)
			r := joined(t, f, info)
			defer r.Close()
		}
	})
}

// A killed server blocks its own restart until its announcement lapses, and the log says so.
func TestJoin_AfterAKill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, info := newFake(), good("a")
		info.AccountsFile = true
		joined(t, f, info).kill()
		begun := time.Now()
		again := joined(t, f, info)
		defer again.Close()
		if took := time.Since(begun); took < 4*time.Second || took > lapseTime {
			t.Errorf("the restart took %v; want until the announcement has lapsed", took)
		}
		if !strings.Contains(again.log.String(), "waiting to see whether another server still runs") {
			t.Errorf("the log says %q; want why it waits", again.log.String())
		}
		if list := again.Servers(); len(list) != 1 || !list[0].This {
			t.Errorf("Servers = %v; want the new one", list)
		}
	})
}

// Of servers that do not match and start at the same time, one starts.
func TestJoin_AtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, info := newFake(), good("a")
		info.AccountsFile = true
		results := make(chan *running, 5)
		for range cap(results) {
			go func() {
				r, err := join(t, f, info)
				if err != nil {
					r = nil
				}
				results <- r
			}()
		}
		n := 0
		for range cap(results) {
			if r := <-results; r != nil {
				n++
				defer r.Close()
			}
		}
		if n != 1 {
			t.Errorf("%d servers go on; want 1", n)
		}
	})
}

// Servers list each other and add up their rates, until one stops or is killed. While the board
// is away a server knows only itself, and the others come back by themselves.
func TestGroup_Servers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		a, b, c := joined(t, f, good("a")), joined(t, f, good("b")), joined(t, f, good("c"))
		defer a.Close()
		wants := func(what, want string, rate float64) {
			t.Helper()
			var got []string
			for _, s := range a.Servers() {
				if got = append(got, s.Name); s.This != (s.Name == "a") || s.Version != "v1" || s.Since.IsZero() || s.Refreshes != 2 {
					t.Errorf("%s: %+v", what, s)
				}
			}
			if strings.Join(got, " ") != want || a.Rate("refreshes") != rate {
				t.Errorf("%s: servers %q, the others' rate %v; want %q, %v", what, got, a.Rate("refreshes"), want, rate)
			}
		}
		time.Sleep(1500 * time.Millisecond)
		wants("at first", "a b c", 4)
		c.Close()
		time.Sleep(announceEvery)
		wants("one stopped", "a b", 2)
		b.kill()
		time.Sleep(3 * time.Second)
		wants("one was killed a moment ago", "a b", 0)
		time.Sleep(3 * time.Second)
		wants("one was killed", "a", 0)
		b = joined(t, f, good("b"))
		defer b.Close()
		time.Sleep(announceEvery)
		wants("it is back", "a b", 2)
		f.setAway(true)
		time.Sleep(6 * time.Second)
		wants("the board is away", "a", 0)
		f.setAway(false)
		time.Sleep(2 * time.Second)
		wants("the board is back", "a b", 2)
	})
}

// A start waits for the board.
func TestJoin_BoardAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.setAway(true)
		time.AfterFunc(time.Minute, func() { f.setAway(false) })
		begun := time.Now()
		a := joined(t, f, good("a"))
		defer a.Close()
		if took := time.Since(begun); took < time.Minute || !strings.Contains(a.log.String(), "waiting for Redis") {
			t.Errorf("Join took %v, log %q; want that it waits", took, a.log.String())
		}
	})
}
