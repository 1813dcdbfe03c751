package account_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// Entries go when they are older than Config.AuditKeep, a batch at a time, with one line in
// the log a day, and their ids are not used again.
func TestExpire(t *testing.T) {
	cfg, clock := newConfig(t)
	var log testkit.Log
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	forever := openWith(t, cfg, clock)
	root := forever.superuser("root")
	var many []account.Event
	for i := range account.MostExpired + 10 {
		many = append(many, account.Event{Action: account.ActionRevoke, Kind: account.KindSession, ObjectID: fmt.Sprint(i)})
	}
	if err := forever.Audit(t.Context(), console(root), many...); err != nil {
		t.Fatal(err)
	}
	clock.Advance(399 * 24 * time.Hour)
	forever.revoke(root, "late")
	newest := forever.newest().Seq
	clock.Advance(2 * 24 * time.Hour)
	forever.Expire(t.Context())
	if n := entryCount(forever); n != len(many)+2 {
		t.Errorf("%d entries are left without AuditKeep; want all %d", n, len(many)+2)
	}

	cfg.AuditKeep = 400 * 24 * time.Hour
	b, other := openWith(t, cfg, clock), openWith(t, cfg, clock)
	b.Expire(t.Context()) // the other one may have removed a batch in the background
	if n := entryCount(b); n != 1 && n != len(many)+2-account.MostExpired {
		t.Errorf("%d entries are left; want all but one batch or two", n)
	}
	clock.Advance(time.Minute)
	b.Expire(t.Context())
	other.Expire(t.Context())
	if left := b.newest(); entryCount(b) != 1 || left.Object != "late" {
		t.Errorf("%d entries are left, the newest %+v; want the late one alone", entryCount(b), left)
	}
	if n := strings.Count(log.String(), "older than --audit-keep"); n == 0 || n > 2 {
		t.Errorf("%d lines in the log of two servers; want one of each that removed some:\n%s", n, log.String())
	}
	b.revoke(root, "next")
	if got := b.newest().Seq; got != newest+1 {
		t.Errorf("the next entry has the id %d; want %d", got, newest+1)
	}
	if u, err := b.User(t.Context(), root.ID); err != nil || u.Username != "root" {
		t.Errorf("User = %+v, %v; want the user, who stays", u, err)
	}
}

// entryCount returns how many entries there are.
func entryCount(b *bench) int {
	page, err := b.Entries(b.t.Context(), account.EntryQuery{Limit: 1000})
	if err != nil {
		b.t.Fatal(err)
	}
	return len(page.Entries)
}
