package control

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/account"
	"pagesession/session"
	"pagesession/storage/record"
)

// names are those that are remembered, the newest first.
func (l *LastEnded) names() (all []string) {
	for _, e := range l.List() {
		all = append(all, e.By+" "+e.Name)
	}
	return all
}

// What operators end, one or many, is remembered with its name and the operator; what a visitor
// or the end of all ends is not.
func TestLastEnded_Remembers(t *testing.T) {
	b := newMatchingBench(t)
	b.on.LastEnded = NewLastEnded(b.clock.Now)
	b.begin("Ada", 2)
	b.begin("Bob", 1)
	b.begin("Eve", 1)
	b.clock.Advance(time.Minute)
	bob := b.store.List(record.Query{Match: session.Search("bob")}).Rows[0]
	if _, err := EndSessions.Do(t.Context(), b.on, commandLine("root"), []record.Handle{bob.Handle, {}}); err != nil {
		t.Fatal(err)
	}
	if _, err := EndMatching.Do(t.Context(), b.on, commandLine("root"), b.asks("ada", 2)); err != nil {
		t.Fatal(err)
	}
	if _, err := EndAllSessions.Do(t.Context(), b.on, commandLine("root"), All{}); err != nil {
		t.Fatal(err)
	}
	if got, want := b.on.LastEnded.names(), []string{"root Ada", "root Ada", "root Bob"}; !slices.Equal(got, want) {
		t.Errorf("remembered %q; want %q", got, want)
	}
	if was, ok := b.on.LastEnded.Of(bob.Handle); !ok || was.Name != "Bob" || !was.At.Equal(b.clock.Now()) {
		t.Errorf("Of(bob) = %+v, %v", was, ok)
	}
	// An erasure forgets, also when the sessions have ended.
	if _, err := ErasePerson.Do(t.Context(), b.on, commandLine("root"), Person{Name: "Ada"}); err != nil {
		t.Errorf("ErasePerson = %v", err)
	}
	if _, err := ErasePerson.Do(t.Context(), b.on, commandLine("root"), Person{Session: bob.Handle.String()}); err != nil {
		t.Errorf("ErasePerson = %v", err)
	}
	if got := b.on.LastEnded.names(); len(got) != 0 {
		t.Errorf("after the erasure it remembers %q", got)
	}
}

// It forgets after ten minutes, also if nothing asks.
func TestLastEnded_Forgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLastEnded(time.Now)
		l.add(account.Actor{Name: "ada"}, live(1))
		time.Sleep(9 * time.Minute)
		l.add(account.Actor{Name: "bob"}, live(2))
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := len(l.all); n != 1 {
			t.Errorf("%d are in memory after ten minutes; want the later one", n)
		}
		time.Sleep(9 * time.Minute)
		synctest.Wait()
		if n := len(l.all); n != 0 {
			t.Errorf("%d are in memory; want none", n)
		}
	})
}

// It keeps 10,000, and of one EndMatching the first 1,000.
func TestLastEnded_IsBounded(t *testing.T) {
	l := NewLastEnded(time.Now)
	for i := range mostLastEnded + 5 {
		l.add(account.Actor{Name: fmt.Sprint(i)}, live(1))
	}
	if all := l.List(); len(all) != mostLastEnded || all[0].By != "10004" {
		t.Errorf("%d are remembered, the newest of %s", len(all), all[0].By)
	}
	b := newMatchingBench(t)
	b.on.LastEnded = NewLastEnded(b.clock.Now)
	b.begin("Ada", mostOfOneEnd+100)
	b.clock.Advance(time.Minute)
	if _, err := EndMatching.Do(t.Context(), b.on, commandLine("root"), b.asks("ada", 0)); err != nil {
		t.Fatal(err)
	}
	if n := len(b.on.LastEnded.List()); n != mostOfOneEnd {
		t.Errorf("%d of one end are remembered; want %d", n, mostOfOneEnd)
	}
}
