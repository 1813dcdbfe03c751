package storage_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// Each order sorts the five sessions differently, so a name that stands for the
// wrong order shows.
func TestList_EachNameSortsByWhatItSays(t *testing.T) {
	clock := testkit.NewClock()
	s := open(t, testConfig(t, clock))
	life := map[string]record.Lifetime{
		"a": {Idle: 90 * time.Second, Absolute: 300 * time.Second}, "b": {Idle: 20 * time.Second, Absolute: 400 * time.Second},
		"c": {Idle: 50 * time.Second}, "d": {Idle: 30 * time.Second, Absolute: 200 * time.Second}, "e": {Idle: 60 * time.Second, Absolute: 100 * time.Second},
	}
	keys := map[record.Key]string{}
	for _, id := range []string{"c", "a", "e", "b", "d"} {
		keys[mustCreate(t, s, id, life[id])] = id
		clock.Advance(time.Second)
	}
	for _, id := range []string{"e", "d", "d", "d", "b", "b", "a", "a", "a", "a"} { // c is never refreshed
		s.Refresh(record.KeyOf(id))
		clock.Advance(time.Second)
	}
	for name, want := range map[string]string{
		"created": "caebd", "used": "cedba", "remaining": "bdcea", "absolute": "edabc", "refreshes": "cebda",
	} {
		if got := sorted(t, s, keys, name, "live"); got != want {
			t.Errorf("sessions by %q are %s; want %s", name, got, want)
		}
	}
	if got, want := sorted(t, s, keys, "handle", "live"), byHandle(keys); got != want {
		t.Errorf(`sessions by "handle" are %s; want %s`, got, want)
	}
	for _, id := range []string{"d", "a"} {
		if _, err := s.End(context.Background(), record.KeyOf(id), record.Revoked); err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Second)
	}
	for states, want := range map[string]string{"live": "ceb", "ended": "da", "all": "cebda"} {
		if got := sorted(t, s, keys, "ended", states); got != want {
			t.Errorf("sessions that are %q by %q are %s; want %s", states, "ended", got, want)
		}
	}
}

// sorted returns the list for the names of an order and of states, one letter a
// session.
func sorted(t *testing.T, s *storage.Storage, keys map[record.Key]string, order, states string) (out string) {
	t.Helper()
	by, ok := record.ParseOrder(order)
	which, also := record.ParseStates(states)
	if !ok || !also {
		t.Fatalf("ParseOrder(%q), ParseStates(%q) = %v, %v; want true", order, states, ok, also)
	}
	for _, r := range s.List(record.Query{Order: by, States: which}).Rows {
		for k, id := range keys {
			if k.Handle() == r.Handle {
				out += id
			}
		}
	}
	return out
}

func byHandle(keys map[record.Key]string) (out string) {
	var all []string
	for k := range keys {
		all = append(all, k.Handle().String()+keys[k])
	}
	slices.Sort(all)
	for _, s := range all {
		out += s[len(s)-1:]
	}
	return out
}
