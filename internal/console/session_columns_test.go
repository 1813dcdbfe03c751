package console_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/storage/record"
)

// Each heading sorts by what it says: four sessions stand in another sequence
// by each.
func TestSessionList_ColumnsSortByWhatTheySay(t *testing.T) {
	d := watchers(t)
	idle := map[string]time.Duration{"a": 90 * time.Second, "b": 40 * time.Second, "c": 70 * time.Second, "d": 60 * time.Second}
	names := map[string]string{}
	for _, id := range []string{"c", "a", "b", "d"} {
		k := record.KeyOf(id)
		if err := d.visitors.Create(context.Background(), k, nil, record.Lifetime{Idle: idle[id]}); err != nil {
			t.Fatal(err)
		}
		names[k.Fingerprint()] = id
		d.clock.Advance(time.Second)
	}
	for _, id := range []string{"b", "b", "b", "d", "a", "a"} {
		d.visitors.Refresh(record.KeyOf(id))
		d.clock.Advance(time.Second)
	}
	b := d.as("viewer")
	for address, want := range map[string]string{
		"o=created": "cabd", "o=used": "cbda", "o=refreshed": "cdab", "o=left": "bdca", "o=key": handleSequence(names),
	} {
		if got := sequence(b.get("/admin/sessions/?"+address).Wants(200).Text, names); got != want {
			t.Errorf("?%s lists %s; want %s", address, got, want)
		}
	}
	for _, id := range []string{"d", "a"} {
		if _, err := d.visitors.End(context.Background(), record.KeyOf(id), record.Revoked); err != nil {
			t.Fatal(err)
		}
		d.clock.Advance(time.Second)
	}
	for address, want := range map[string]string{"o=ended": "da", "o=-ended": "ad"} {
		if got := sequence(b.get("/admin/sessions/?state=ended&"+address).Wants(200).Text, names); got != want {
			t.Errorf("?state=ended&%s lists %s; want %s", address, got, want)
		}
	}
}

// sequence is the order in which a page names sessions, one letter each.
func sequence(body string, names map[string]string) (out string) {
	for len(body) >= 8 {
		if id, ok := names[body[:8]]; ok && !strings.Contains(out, id) {
			out += id
		}
		body = body[1:]
	}
	return out
}

func handleSequence(names map[string]string) (out string) {
	var all []string
	for fingerprint, id := range names {
		all = append(all, fingerprint+id)
	}
	slices.Sort(all)
	for _, s := range all {
		out += s[len(s)-1:]
	}
	return out
}
