package account_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
)

// revoke is an event that a caller of Audit records.
func (b *bench) revoke(by account.User, fingerprint string) {
	b.t.Helper()
	err := b.Audit(b.t.Context(), console(by), account.Event{
		Action: account.ActionRevoke, Kind: account.KindSession, ObjectID: fingerprint, Object: fingerprint, Count: 1,
	})
	if err != nil {
		b.t.Fatalf("Audit: %v", err)
	}
}

func seqs(entries []account.Entry) (list []uint64) {
	for _, e := range entries {
		list = append(list, e.Seq)
	}
	return list
}

func TestAudit_IsThereAfterARestart(t *testing.T) {
	b := open(t)
	u := b.superuser("root")
	b.revoke(u, "k3v9")
	want := b.newest()
	if want.Actor != console(u) || want.Kind != account.KindSession || want.ObjectID != "k3v9" || want.Count != 1 {
		t.Errorf("entry %+v", want)
	}
	if got := b.reopen().newest(); got.Seq != want.Seq || got.Actor != want.Actor {
		t.Errorf("after the restart %+v; want %+v", got, want)
	}
	wantErr(t, "an entry without an actor", b.Audit(t.Context(), account.Actor{}, account.Event{Action: account.ActionRevoke}), account.ErrActor)
}

// Several entries are one transaction: a reader sees all or none.
func TestAudit_ManyAreOneTransaction(t *testing.T) {
	b := open(t)
	u := b.superuser("root")
	var many []account.Event
	for i := range 50 {
		many = append(many, account.Event{Action: account.ActionRevoke, Kind: account.KindSession, ObjectID: fmt.Sprint(i), Object: "twin"})
	}
	recorded := make(chan error)
	go func() { recorded <- b.Audit(t.Context(), console(u), many...) }()
	q := account.EntryQuery{Kind: account.KindSession, Object: "twin", Limit: 1000}
	for done := false; !done; {
		select {
		case err := <-recorded:
			if err != nil {
				t.Fatal(err)
			}
			done = true
		default:
		}
		if page, err := b.Entries(t.Context(), q); err != nil || len(page.Entries) != 0 && len(page.Entries) != len(many) {
			t.Fatalf("%d entries, %v; want none or all", len(page.Entries), err)
		}
	}
	page, err := b.Entries(t.Context(), account.EntryQuery{Kind: account.KindSession, ObjectID: "42"})
	if err != nil || len(page.Entries) != 1 || page.Entries[0].Object != "twin" {
		t.Errorf("one of them = %+v, %v", page.Entries, err)
	}
	if page, _ = b.Entries(t.Context(), account.EntryQuery{Kind: account.KindSession, Object: "twi"}); len(page.Entries) != 0 {
		t.Errorf("%d entries of a name's beginning; want none", len(page.Entries))
	}
}

func TestAudit_LongTextsAreCut(t *testing.T) {
	b := open(t)
	long := strings.Repeat("ü", 5000)
	err := b.Audit(t.Context(), account.Actor{Name: long, Address: long, Via: account.ViaCommandLine},
		account.Event{Action: account.ActionRevoke, Kind: account.KindSession, ObjectID: long, Object: "a\xff<script>"})
	if err != nil {
		t.Fatal(err)
	}
	e := b.newest()
	for _, text := range []string{e.Actor.Name, e.Actor.Address, e.ObjectID} {
		if text != strings.Repeat("ü", 148)+"…" {
			t.Errorf("%d bytes are kept, %q at the end; want 299 that say that more is missing", len(text), text[len(text)-3:])
		}
	}
	if e.Object != "a<script>" {
		t.Errorf("object %q; want it valid, and else as it was", e.Object)
	}
}

func TestEntries_Filters(t *testing.T) {
	b := open(t)
	root, ada := b.superuser("root"), b.superuser("ada") // 1, 2
	begin := b.clock.Now()
	b.clock.Advance(time.Hour)
	b.revoke(root, "aaaa") // 3
	b.revoke(ada, "bbbb")  // 4
	b.clock.Advance(time.Hour)
	b.revoke(ada, "aaaa") // 5
	if _, err := b.SetActive(t.Context(), console(root), ada.ID, false); err != nil {
		t.Fatal(err) // 6
	}
	_, _ = b.signIn("ada", goodPassword, "192.0.2.9") // 7
	for _, c := range []struct {
		what string
		q    account.EntryQuery
		want []uint64
	}{
		{"all", account.EntryQuery{}, []uint64{7, 6, 5, 4, 3, 2, 1}},
		{"actor", account.EntryQuery{ActorID: ada.ID}, []uint64{5, 4}},
		{"action", account.EntryQuery{Action: account.ActionAdd}, []uint64{2, 1}},
		{"kind", account.EntryQuery{Kind: account.KindSession}, []uint64{5, 4, 3}},
		{"object", account.EntryQuery{Kind: account.KindSession, ObjectID: "aaaa"}, []uint64{5, 3}},
		{"an object's beginning", account.EntryQuery{Kind: account.KindSession, ObjectID: "aaa"}, nil},
		{"object and actor", account.EntryQuery{Kind: account.KindSession, ObjectID: "aaaa", ActorID: ada.ID}, []uint64{5}},
		{"actor and action", account.EntryQuery{ActorID: root.ID, Action: account.ActionDisable}, []uint64{6}},
		{"from", account.EntryQuery{From: begin.Add(2 * time.Hour)}, []uint64{7, 6, 5}},
		{"to", account.EntryQuery{To: begin.Add(time.Hour)}, []uint64{2, 1}},
		{"from and to", account.EntryQuery{From: begin.Add(time.Hour), To: begin.Add(2 * time.Hour)}, []uint64{4, 3}},
		{"unknown", account.EntryQuery{Action: "fly"}, nil},
	} {
		page, err := b.Entries(t.Context(), c.q)
		if got := seqs(page.Entries); err != nil || fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, %v; want %v", c.what, got, err, c.want)
		}
	}
	history, err := b.History(t.Context(), account.KindUser, ada.ID, 0)
	if got := seqs(history.Entries); err != nil || fmt.Sprint(got) != "[7 6 2]" {
		t.Errorf("History: %v, %v; want 7 6 2", got, err)
	}
}

func TestEntries_PagesBothWays(t *testing.T) {
	b := open(t)
	root := b.superuser("root") // 1
	for i := range 11 {
		b.revoke(root, fmt.Sprint("key", i)) // 2 to 12
	}
	for what, filter := range map[string]account.EntryQuery{
		"all": {}, "by actor and kind": {Kind: account.KindSession}, "by action": {Action: account.ActionRevoke},
	} {
		q := filter
		q.Limit = 4
		var down [][]uint64
		page, err := b.Entries(t.Context(), q)
		for ; err == nil; page, err = b.Entries(t.Context(), q) {
			down = append(down, seqs(page.Entries))
			if q.Before = page.Older; q.Before == 0 {
				break
			}
		}
		want := "[[12 11 10 9] [8 7 6 5] [4 3 2 1]]"
		if what != "all" {
			want = "[[12 11 10 9] [8 7 6 5] [4 3 2]]"
		}
		if err != nil || fmt.Sprint(down) != want {
			t.Errorf("%s, down: %v, %v; want %v", what, down, err, want)
		}
		q.Before, q.After = 0, page.Newer
		if page, _ = b.Entries(t.Context(), q); fmt.Sprint(seqs(page.Entries)) != "[8 7 6 5]" || page.Newer == 0 || page.Older == 0 {
			t.Errorf("%s, up: %v, older %d, newer %d", what, seqs(page.Entries), page.Older, page.Newer)
		}
		q.After = page.Newer
		if page, _ = b.Entries(t.Context(), q); fmt.Sprint(seqs(page.Entries)) != "[12 11 10 9]" || page.Newer != 0 {
			t.Errorf("%s, up again: %v, newer %d; want the first page", what, seqs(page.Entries), page.Newer)
		}
	}
}

func TestEntries_LimitIsBounded(t *testing.T) {
	b := open(t)
	if page, err := b.Entries(t.Context(), account.EntryQuery{Limit: math.MaxInt}); err != nil || len(page.Entries) != 0 {
		t.Errorf("Entries of an empty log = %d, %v", len(page.Entries), err)
	}
	root := b.superuser("root")
	for range 60 {
		b.revoke(root, "k")
	}
	if page, _ := b.Entries(t.Context(), account.EntryQuery{Limit: -1}); len(page.Entries) != 50 {
		t.Errorf("%d entries without a limit; want 50", len(page.Entries))
	}
}

// A page that reaches the bound of reads says where it stopped.
func TestEntries_GivesUpAndGoesOn(t *testing.T) {
	b := open(t)
	b.cfg = b.cfg.Look(3)
	b = b.reopen()
	root := b.superuser("root") // 1
	for range 9 {
		b.revoke(root, "k") // 2 to 10
	}
	b.group("g") // 11
	q := account.EntryQuery{Kind: account.KindUser, Action: account.ActionRevoke}
	if page, err := b.Entries(t.Context(), q); err != nil || len(page.Entries) != 0 || page.Older != 8 {
		t.Errorf("nothing among the newest three: %+v, %v; want it to go on at 8", page, err)
	}
	// A search that continues from there finds the entries.
	q = account.EntryQuery{ActorID: root.ID, Action: account.ActionAdd}
	if _, err := b.CreateGroup(t.Context(), console(root), account.Group{Name: "mine"}); err != nil { // 12
		t.Fatal(err)
	}
	for range 5 {
		b.revoke(root, "k") // 13 to 17
	}
	page, err := b.Entries(t.Context(), q)
	for ; err == nil && len(page.Entries) == 0 && page.Older > 0; page, err = b.Entries(t.Context(), q) {
		q.Before = page.Older
	}
	if err != nil || fmt.Sprint(seqs(page.Entries)) != "[12]" {
		t.Errorf("found %v, %v; want 12", seqs(page.Entries), err)
	}
	q.Before, q.After = 0, 1
	page, err = b.Entries(t.Context(), q)
	for ; err == nil && len(page.Entries) == 0 && page.Newer > 0; page, err = b.Entries(t.Context(), q) {
		q.After = page.Newer
	}
	if err != nil || fmt.Sprint(seqs(page.Entries)) != "[12]" {
		t.Errorf("upwards found %v, %v; want 12", seqs(page.Entries), err)
	}
}

func TestRecent_IsWithoutLogins(t *testing.T) {
	b := open(t)
	root := b.superuser("root")
	for i := range 3 {
		if _, err := b.signIn("root", goodPassword, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		b.revoke(root, fmt.Sprint("key", i))
	}
	recent, err := b.Recent(t.Context(), root.ID, 2)
	if err != nil || len(recent) != 2 || recent[0].ObjectID != "key2" || recent[1].ObjectID != "key1" {
		t.Errorf("Recent = %+v, %v", recent, err)
	}
	if none, err := b.Recent(t.Context(), 99, 5); err != nil || len(none) != 0 {
		t.Errorf("Recent of nobody = %v, %v", none, err)
	}
}

func TestAudit_ForgetsTheOldest(t *testing.T) {
	b := open(t)
	b.cfg = b.cfg.Keep(10, 3)
	b = b.reopen()
	root := b.superuser("root") // 1
	for i := range 5 {          // 2 to 6; of the failures three are kept
		_, _ = b.signIn("root", "wrong", fmt.Sprint("192.0.2.", i))
	}
	page, _ := b.Entries(t.Context(), account.EntryQuery{})
	if got := fmt.Sprint(seqs(page.Entries)); got != "[6 5 4 1]" {
		t.Errorf("after five failures %s; want what was before them, and three", got)
	}
	for i := range 8 { // 7 to 14
		b.revoke(root, fmt.Sprint("key", i))
	}
	page, _ = b.Entries(t.Context(), account.EntryQuery{})
	if got := fmt.Sprint(seqs(page.Entries)); got != "[14 13 12 11 10 9 8 7 6 5]" {
		t.Errorf("entries %s; want the newest ten", got)
	}
	page, err := b.Entries(t.Context(), account.EntryQuery{Action: account.ActionAdd})
	if err != nil || len(page.Entries) != 0 {
		t.Errorf("the index leads to what is forgotten: %v, %v", seqs(page.Entries), err)
	}
	// Entries 5 and 6 are trimmed, and the count of failures follows.
	b.revoke(root, "x")
	b.revoke(root, "y")
	for i := range 3 {
		_, _ = b.signIn("root", "wrong", fmt.Sprint("198.51.100.", i))
	}
	page, _ = b.Entries(t.Context(), account.EntryQuery{Action: account.ActionSignInFailed})
	if len(page.Entries) != 3 {
		t.Errorf("%d failures; want 3", len(page.Entries))
	}
}
