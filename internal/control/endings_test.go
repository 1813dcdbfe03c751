package control

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// endings returns Endings on the stores of a bench, which end with the test.
func (b *matchingBench) endings(server string) *Endings {
	b.t.Helper()
	e := NewEndings(b.on, server, slog.New(slog.NewTextHandler(new(testkit.Log), nil)))
	b.t.Cleanup(e.Close)
	<-e.known
	return e
}

// held is a request that waits after its first piece until the test lets it go on.
func (b *matchingBench) held(n int) (q Matching, first, goOn chan struct{}) {
	q = b.asks("ada", n)
	first, goOn = make(chan struct{}), make(chan struct{})
	pieces := 0
	q.Pause = func(ctx context.Context, _ time.Duration) {
		if pieces++; pieces == 2 { // after the list and a piece
			close(first)
			select {
			case <-goOn:
			case <-ctx.Done():
			}
		}
	}
	return q, first, goOn
}

// ended waits until nothing runs.
func ended(t *testing.T, e *Endings) EndingState {
	t.Helper()
	for until := time.Now().Add(time.Minute); ; {
		if s := e.State(); !s.Runs() {
			return s
		}
		if time.Now().After(until) {
			t.Fatalf("still runs: %+v", e.State())
		}
		time.Sleep(time.Millisecond) // it ends at no instant that a test could wait for
	}
}

// It goes on when the request of the operator is over, one at a time.
func TestEndings_InTheBackground(t *testing.T) {
	b := newMatchingBench(t)
	b.begin("Ada", 600)
	b.clock.Advance(time.Minute)
	e := b.endings("")
	if s := e.State(); s.Runs() || s.ID != "" {
		t.Errorf("before: %+v", s)
	}
	q, first, goOn := b.held(600)
	if err := e.Begin(commandLine("root"), q); err != nil {
		t.Fatal(err)
	}
	<-first
	if s := e.State(); !s.Runs() || s.Ended != 250 || s.By != "root" || s.Found != 600 || !s.Begun.Equal(b.clock.Now()) {
		t.Errorf("after the first piece: %+v", s)
	}
	if err := e.Begin(commandLine("root"), b.asks("bob", 1)); !errors.Is(err, ErrBusy) {
		t.Errorf("a second one: %v; want %v", err, ErrBusy)
	}
	close(goOn)
	if s := ended(t, e); s.Ended != 600 || s.Why != nil || s.Lacks || b.counts("ada") != 0 {
		t.Errorf("after the end: %+v", s)
	}
	e.Close()
	b.wantEntries("root revoke_begin 0 search=ada found=600", "root revoke_matching 600 search=ada found=600 sessions=100 100+500")
}

// An operator stops it; the audit log has who did. The end of the server stops it, too.
func TestEndings_Stop(t *testing.T) {
	b := newMatchingBench(t)
	b.begin("Ada", 600)
	b.clock.Advance(time.Minute)
	e := b.endings("")
	q, first, _ := b.held(600)
	if err := e.Begin(commandLine("root"), q); err != nil {
		t.Fatal(err)
	}
	<-first
	if _, err := e.Stop(t.Context(), operator(t, b.on, account.ViewSession), q.ID); !errors.Is(err, account.ErrForbidden) {
		t.Errorf("Stop without the permission = %v", err)
	}
	if ok, err := e.Stop(t.Context(), commandLine("eve"), "another"); ok || err != nil {
		t.Errorf("Stop of another one = %v, %v", ok, err)
	}
	if ok, err := e.Stop(t.Context(), commandLine("eve"), q.ID); !ok || err != nil {
		t.Errorf("Stop = %v, %v", ok, err)
	}
	if s := ended(t, e); s.Ended != 250 || !errors.Is(s.Why, ErrStopped) {
		t.Errorf("stopped: %+v", s)
	}
	q, first, _ = b.held(350)
	for errors.Is(e.Begin(commandLine("root"), q), ErrBusy) { // the goroutine is about to end
	}
	<-first
	e.Close()
	if s := e.State(); s.Ended != 250 || !errors.Is(s.Why, ErrServerStop) || b.counts("ada") != 100 {
		t.Errorf("closed: %+v, %d live", s, b.counts("ada"))
	}
	if err := e.Begin(commandLine("root"), q); !errors.Is(err, ErrBusy) {
		t.Errorf("after Close: %v", err)
	}
	all := strings.Join(b.entries(), "\n")
	for _, want := range []string{"eve revoke_stop 0", "outcome=stopped by an operator", "outcome=the server stopped"} {
		if strings.Count(all, want) != 1 {
			t.Errorf("the audit log lacks %q:\n%s", want, all)
		}
	}
}

// An erasure takes what was searched for out of the state, also while it runs, and an operator's
// name when they are erased. The rest stays.
func TestEndings_ForgetErased(t *testing.T) {
	b := newMatchingBench(t)
	b.begin("Ada", 600)
	b.clock.Advance(time.Minute)
	e := b.endings("")
	b.on.Endings = e
	q, first, goOn := b.held(600)
	q.Filter = append(q.Filter, account.Change{Field: account.FieldState, To: "Live"})
	if err := e.Begin(commandLine("root"), q); err != nil {
		t.Fatal(err)
	}
	<-first
	if s := e.State(); fieldsOf(account.Entry{Event: account.Event{Changes: s.Filter}}) != "search=ada state=Live" {
		t.Fatalf("before the erasure: %+v", s.Filter)
	}
	if _, err := ErasePerson.Do(t.Context(), b.on, commandLine("eve"), Person{Name: "Ada"}); err != nil {
		t.Fatal(err)
	}
	b.wantForgotten(e.State(), "root")
	close(goOn)
	b.wantForgotten(ended(t, e), "root")
	if _, err := ErasePerson.Do(t.Context(), b.on, commandLine("eve"), Person{Username: "Root"}); !errors.Is(err, ErrNoPerson) {
		t.Errorf("ErasePerson of a name that no account has = %v", err)
	}
	b.wantForgotten(e.State(), "")
}

// wantForgotten reports what a state still has of a search.
func (b *matchingBench) wantForgotten(s EndingState, by string) {
	b.t.Helper()
	if got := fieldsOf(account.Entry{Event: account.Event{Changes: s.Filter}}); got != "search= state=Live" || s.Query.Match != nil || s.By != by || s.Found != 600 {
		b.t.Errorf("after the erasure the state has %s, a query: %v, by %q; want no text, and by %q", got, s.Query.Match != nil, s.By, by)
	}
}

// A refusal leaves nothing that runs.
func TestEndings_Refused(t *testing.T) {
	b := newMatchingBench(t)
	e := b.endings("")
	if err := e.Begin(operator(t, b.on, account.ViewSession), b.asks("ada", 1)); !errors.Is(err, account.ErrForbidden) || e.State().ID != "" {
		t.Errorf("Begin = %v, %+v", err, e.State())
	}
}

// A start notes what an earlier process has left without an end, once, and only its own. A
// process that still runs has time to write its end.
func TestEndings_NotesWhatWasCutOff(t *testing.T) {
	log := &auditLog{entries: []account.Entry{begun("c", "one"), begun("b", "one"), begun("a", "two"), finished("b", "one")}}
	synctest.Test(t, func(t *testing.T) {
		for range 2 {
			e := NewEndings(Stores{Accounts: log}, "one", slog.New(slog.DiscardHandler))
			time.Sleep(cutOffAfter + time.Second)
			e.Close()
		}
		e := NewEndings(Stores{Accounts: log}, "two", slog.New(slog.DiscardHandler))
		time.Sleep(cutOffAfter / 2)
		log.add(finished("a", "two"))
		time.Sleep(cutOffAfter)
		e.Close()
	})
	if len(log.noted) != 1 || log.noted[0].ObjectID != "c" || log.noted[0].Actor.Name != "ada" || !strings.Contains(fieldsOf(log.noted[0]), "search=x server=one outcome="+outcomeCutOff) {
		t.Errorf("noted %+v; want c alone", log.noted)
	}
}

// While the accounts are away nothing begins, since it is not known what was left.
func TestEndings_AccountsAway(t *testing.T) {
	log := &auditLog{away: account.ErrUnavailable}
	synctest.Test(t, func(t *testing.T) {
		e := NewEndings(Stores{Accounts: log}, "", slog.New(slog.DiscardHandler))
		synctest.Wait()
		if err := e.Begin(commandLine("root"), Matching{Now: time.Now}); !errors.Is(err, account.ErrUnavailable) {
			t.Errorf("Begin = %v", err)
		}
		e.Close()
	})
}

// An auditLog has entries that a test gives it.
type auditLog struct {
	Accounts
	away error

	mu             sync.Mutex // protects what follows
	entries, noted []account.Entry
}

func (l *auditLog) add(e account.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, e)
}

func (l *auditLog) Entries(_ context.Context, q account.EntryQuery) (page account.EntryPage, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range append(l.entries, l.noted...) {
		if e.Action == q.Action && (q.ObjectID == "" || e.ObjectID == q.ObjectID) {
			page.Entries = append(page.Entries, e)
		}
	}
	return page, l.away
}

func (l *auditLog) Audit(_ context.Context, by account.Actor, events ...account.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range events {
		l.noted = append(l.noted, account.Entry{Actor: by, Event: e})
	}
	return nil
}

func begun(id, server string) account.Entry {
	q := Matching{ID: id, Server: server, Found: -1, Filter: []account.Change{{Field: account.FieldSearch, To: "x"}}}
	return account.Entry{Actor: account.Actor{Name: "ada"}, Event: q.event(account.ActionRevokeBegin)}
}

func finished(id, server string) account.Entry {
	e := begun(id, server)
	e.Action = account.ActionRevokeMatch
	return e
}

func fieldsOf(e account.Entry) string {
	var all []string
	for _, c := range e.Changes {
		all = append(all, c.Field+"="+c.To)
	}
	return strings.Join(all, " ")
}
