package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/network"
	"pagesession/internal/testkit"
	"pagesession/session"
	"pagesession/storage"
	"pagesession/storage/record"
)

// A matchingBench is real accounts and sessions, by one clock.
type matchingBench struct {
	t      *testing.T
	clock  *testkit.Clock
	store  *storage.Storage
	policy *session.Policy
	on     Stores
}

func newMatchingBench(t *testing.T) *matchingBench {
	t.Helper()
	b := &matchingBench{t: t, clock: testkit.NewClock(), on: openStores(t, t.TempDir())}
	var err error
	if b.store, err = storage.Open(storage.Config{Database: filepath.Join(t.TempDir(), "sessions.db"), Clock: b.clock}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.store.Close() })
	cfg := session.DefaultConfig()
	cfg.Store, cfg.IdleTimeout, cfg.Now = b.store.Sessions(), time.Hour, b.clock.Now
	if b.policy, err = session.New(cfg); err != nil {
		t.Fatal(err)
	}
	b.on.Visitors = FileSessions{Storage: b.store}
	return b
}

// begin begins sessions with a name.
func (b *matchingBench) begin(name string, n int) {
	b.t.Helper()
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			_, _, err := b.policy.Start(b.t.Context(), session.Token{}, session.ClientInfo{}, func(d *session.Draft) error {
				d.Set("name", name)
				return nil
			})
			if err != nil {
				b.t.Error(err)
			}
		})
	}
	all.Wait()
}

// asks is the request of an operator who has seen n sessions with a name, now.
func (b *matchingBench) asks(name string, n int) Matching {
	q := Matching{ID: NewMatchingID(), Found: n, Before: b.clock.Now(), Now: b.clock.Now, Pause: func(context.Context, time.Duration) {}}
	if name != "" {
		q.Query.Match, q.Filter = session.Search(name), []account.Change{{Field: account.FieldSearch, To: name}}
	}
	return q
}

// counts returns how many sessions with a name live.
func (b *matchingBench) counts(name string) int {
	return b.store.List(record.Query{Match: session.Search(name)}).Total
}

// entries are the entries about sessions in words, the oldest first.
func (b *matchingBench) entries() (all []string) {
	b.t.Helper()
	page, err := b.on.Accounts.Entries(b.t.Context(), account.EntryQuery{Kind: account.KindSession})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, e := range slices.Backward(page.Entries) {
		words := []string{e.Actor.Name, string(e.Action), fmt.Sprint(e.Count)}
		for _, c := range e.Changes {
			words = append(words, fmt.Sprintf("%s=%s%.0d", c.Field, c.To, len(c.Added)))
			if c.Field == account.FieldSessions {
				words = append(words, fmt.Sprintf("%d+%d", len(c.Added), c.More))
			}
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}

func (b *matchingBench) wantEntries(want ...string) {
	b.t.Helper()
	if got := b.entries(); !slices.Equal(got, want) {
		b.t.Errorf("the audit log has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// All that match end, on several pages and pieces, and nothing else. There is one entry before,
// and one after with the first 100 fingerprints.
func TestEndMatching(t *testing.T) {
	b := newMatchingBench(t)
	b.begin("Ada", 630)
	b.begin("Bob", 3)
	b.clock.Advance(time.Minute)
	var seen []int
	q := b.asks("ada", 630)
	q.Progress = func(n int) { seen = append(seen, n) }
	q.Started = func() { b.wantEntries("root revoke_begin 0 search=ada found=630") }
	done, err := EndMatching.Do(t.Context(), b.on, commandLine("root"), q)
	if err != nil || done.Count != 630 || done.Why != nil || len(done.Fingerprints) != 100 {
		t.Errorf("EndMatching() = %d, %d fingerprints, %v, %v; want 630", done.Count, len(done.Fingerprints), done.Why, err)
	}
	if want := []int{250, 500, 630}; !slices.Equal(seen, want) {
		t.Errorf("progress %v; want %v", seen, want)
	}
	if b.counts("ada") != 0 || b.counts("bob") != 3 {
		t.Errorf("%d and %d live; want 0 and 3", b.counts("ada"), b.counts("bob"))
	}
	b.wantEntries("root revoke_begin 0 search=ada found=630", "root revoke_matching 630 search=ada found=630 sessions=100 100+530")
}

// Sessions that begin after the operator was told live on, also when they begin while the
// others end, and when a clock is set meanwhile.
func TestEndMatching_LaterSessionsLive(t *testing.T) {
	for name, set := range map[string]time.Duration{"no clock is set": 0, "back": -time.Hour, "forward": time.Hour} {
		t.Run(name, func(t *testing.T) {
			b := newMatchingBench(t)
			b.begin("Ada old", 300)
			b.clock.Advance(time.Minute)
			q := b.asks("ada", 300)
			b.clock.Advance(time.Second)
			b.begin("Ada new", 20)
			b.clock.Advance(5 * time.Second)
			wall, boot := b.clock.Now(), b.clock.Boot()
			q.Now = func() time.Time { return wall.Add(b.clock.Boot() - boot) }
			q.Started = func() { b.clock.Step(set) }
			q.Progress = func(int) {
				b.clock.Advance(time.Second)
				b.begin("Ada newest", 1)
			}
			done, err := EndMatching.Do(t.Context(), b.on, commandLine("root"), q)
			newest, want := b.counts("Ada newest"), 300
			if set > 0 { // the age of sessions is unsure then, and it ends none
				want = 0
			}
			if b.counts("Ada new") != 20+newest || newest == 0 && want > 0 || err != nil || done.Why != nil {
				t.Errorf("%d and %d live, %v, %v; want the new ones", b.counts("Ada new"), newest, done.Why, err)
			}
			if done.Count != want || b.counts("Ada old") != 300-want {
				t.Errorf("%d have ended; want %d", done.Count, want)
			}
		})
	}
}

// A session whose id changes while others end, ends under its new key.
func TestEndMatching_FollowsNewIDs(t *testing.T) {
	b := newMatchingBench(t)
	b.begin("Ada", 300)
	b.clock.Advance(time.Minute)
	_, cookie, err := b.policy.Start(t.Context(), session.Token{}, session.ClientInfo{}, func(d *session.Draft) error { d.Set("name", "Ada moves"); return nil })
	if err != nil {
		t.Fatal(err)
	}
	q := b.asks("ada", 301)
	q.Progress = func(n int) {
		if n == 250 {
			if _, _, err := b.policy.Rotate(t.Context(), session.ParseToken(cookie.Value())); err != nil {
				t.Error(err)
			}
		}
	}
	if done, err := EndMatching.Do(t.Context(), b.on, commandLine("root"), q); err != nil || done.Count != 301 || b.counts("ada") != 0 {
		t.Errorf("EndMatching() = %+v, %v; %d live", done.Count, err, b.counts("ada"))
	}
}

// It stops when its context ends, and when the operator loses the permission; the entry says why,
// and has what ended before.
func TestEndMatching_Stops(t *testing.T) {
	for _, test := range []struct {
		name string
		when func(b *matchingBench, by account.Actor, cancel context.CancelCauseFunc)
		why  error
	}{
		{"stopped", func(_ *matchingBench, _ account.Actor, cancel context.CancelCauseFunc) { cancel(ErrStopped) }, ErrStopped},
		{"not permitted", func(b *matchingBench, by account.Actor, _ context.CancelCauseFunc) {
			if _, err := b.on.Accounts.SetActive(b.t.Context(), commandLine("root"), by.UserID, false); err != nil {
				b.t.Error(err)
			}
			b.clock.Advance(askEvery)
		}, ErrNoLonger},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newMatchingBench(t)
			b.begin("Ada", 600)
			b.clock.Advance(time.Minute)
			by := operator(t, b.on, account.ViewSession, account.DeleteSession)
			ctx, cancel := context.WithCancelCause(t.Context())
			q := b.asks("ada", 600)
			q.Progress = func(n int) {
				if n == 250 {
					test.when(b, by, cancel)
				}
			}
			done, err := EndMatching.Do(ctx, b.on, by, q)
			if err != nil || done.Count != 250 || !errors.Is(done.Why, test.why) || b.counts("ada") != 350 {
				t.Errorf("EndMatching() = %d, %v, %v, and %d live; want 250, %v", done.Count, done.Why, err, b.counts("ada"), test.why)
			}
			b.wantEntries("ada revoke_begin 0 search=ada found=600", "ada revoke_matching 250 search=ada found=600 sessions=100 100+150 outcome="+test.why.Error())
		})
	}
}

// Without the permission, or without an audit log, nothing ends.
func TestEndMatching_Refused(t *testing.T) {
	b := newMatchingBench(t)
	b.begin("Ada", 3)
	b.clock.Advance(time.Minute)
	if _, err := EndMatching.Do(t.Context(), b.on, operator(t, b.on, account.ViewSession), b.asks("ada", 3)); !errors.Is(err, account.ErrForbidden) {
		t.Errorf("without the permission: %v", err)
	}
	if err := stored(b.on).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := EndMatching.Do(t.Context(), b.on, commandLine("root"), b.asks("ada", 3)); !errors.Is(err, account.ErrClosed) || b.counts("ada") != 3 {
		t.Errorf("without an audit log: %v, %d live", err, b.counts("ada"))
	}
}

// A store by position is gone through from page to page, also where a page has nothing.
func TestEndMatching_ByPosition(t *testing.T) {
	b := newMatchingBench(t)
	for i := range 40 {
		b.begin([]string{"Ada", "Bob", "Bob", "Bob"}[i%4], 1)
		b.clock.Advance(time.Millisecond)
	}
	b.clock.Advance(time.Minute)
	b.on.Visitors = pagesOf{b.on.Visitors, 3}
	q := b.asks("ada", -1)
	if done, err := EndMatching.Do(t.Context(), b.on, commandLine("root"), q); err != nil || done.Count != 10 || done.Why != nil || b.counts("bob") != 30 {
		t.Errorf("EndMatching() = %d, %v, %v; %d others live", done.Count, done.Why, err, b.counts("bob"))
	}
	b.wantEntries("root revoke_begin 0 search=ada", "root revoke_matching 10 search=ada sessions=10 10+0")
}

// pagesOf lists by position, and looks at so many sessions for a page.
type pagesOf struct {
	Lister
	look int
}

func (pagesOf) ByPosition() bool { return true }

func (p pagesOf) List(ctx context.Context, q record.Query) (record.Page, error) {
	all, err := p.Lister.List(ctx, record.Query{Limit: record.MaxLimit})
	page := record.Page{At: all.At, Next: q.From}
	for _, row := range all.Rows {
		at := record.Position{Created: all.At.Add(-row.Age).UnixMilli(), Handle: row.Handle}
		if at.Created <= q.From.Created {
			continue
		}
		if page.More = page.Looked == p.look; page.More {
			break
		}
		page.Looked, page.Next = page.Looked+1, at
		if q.Match(row.Value) {
			page.Rows = append(page.Rows, row)
		}
	}
	return page, err
}

// The audit log has as much of an address that was searched for as is kept.
func TestEndMatching_Address(t *testing.T) {
	for kept, want := range map[network.Kept]string{network.KeptNetwork: "203.0.113.0/24", network.KeptNothing: "an address"} {
		b := newMatchingBench(t)
		b.on.Accounts = keeping(t, kept)
		if _, err := EndMatching.Do(t.Context(), b.on, commandLine("root"), b.asks("203.0.113.7", 0)); err != nil {
			t.Fatal(err)
		}
		b.wantEntries("root revoke_begin 0 search="+want+" found=0", "root revoke_matching 0 search="+want+" found=0")
	}
}

func keeping(t *testing.T, kept network.Kept) *account.Store {
	t.Helper()
	accounts, err := account.Open(t.Context(), account.Config{Path: filepath.Join(t.TempDir(), "accounts.sqlite"), Logger: slog.New(slog.DiscardHandler), CheapHashes: true, Addresses: kept})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = accounts.Close() })
	return accounts
}
