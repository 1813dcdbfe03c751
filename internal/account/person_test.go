package account_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pagesession/internal/account"
)

const (
	zelda        = "zeldazelda"
	zeldaMail    = "zz@quaggamail.example"
	zeldaAddress = "203.0.113.199"
	zeldaName    = "Quaggamann"
)

// zeldas are the texts that name one operator.
var zeldas = []string{zelda, zeldaMail, zeldaAddress, zeldaName}

// withZelda returns a store in which an operator has left traces everywhere, between those
// of others, and the operator.
func withZelda(t *testing.T) (*bench, account.User, account.User) {
	b := openSealed(t)
	root := b.superuser("root")
	u := b.add(account.User{Username: "first" + zelda, Email: zeldaMail, FirstName: zeldaName, Active: true, Staff: true, Superuser: true})
	u.Username = zelda
	u, err := b.UpdateUser(t.Context(), cli, u)
	if err != nil {
		t.Fatal(err)
	}
	b.signsIn(zelda, zeldaAddress)
	_, _ = b.signIn(zelda, "wrong", zeldaAddress)
	in := account.Console(u, zeldaAddress)
	for i := range 40 {
		var events []account.Event
		for j := range 20 {
			events = append(events, account.Event{Action: account.ActionRevoke, Kind: account.KindSession, ObjectID: fmt.Sprint(i, "-", j), Object: strings.Repeat("f", j)})
		}
		for _, by := range []account.Actor{in, console(root)} {
			if err := b.Audit(t.Context(), by, events...); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := b.Audit(t.Context(), console(root), account.Event{Action: account.ActionRevoke, Kind: account.KindConsole, ObjectID: fmt.Sprint(u.ID), Object: zelda, Count: 2}); err != nil {
		t.Fatal(err)
	}
	b.app(u)
	return b, root, u
}

// An erased operator is gone, and the audit log still says what was done, by an id. Neither
// the tables nor the bytes of the files have their names, while the store stays open.
func TestEraseUser(t *testing.T) {
	b, root, u := withZelda(t)
	before := entryCountOf(b)
	n, err := b.EraseUser(t.Context(), console(root), u.ID)
	if err != nil || n < 800 {
		t.Fatalf("EraseUser = %d, %v; want its entries", n, err)
	}
	_, err = b.User(t.Context(), u.ID)
	wantErr(t, "User", err, account.ErrNotFound)
	if got := entryCountOf(b); got != before+1 {
		t.Errorf("%d entries; want the %d that were there and that of the erasure", got, before)
	}
	if e := b.newest(); e.Action != account.ActionErase || e.Object != account.ErasedName(u.ID) || e.Actor != console(root) {
		t.Errorf("the newest entry is %+v; want the erasure by root", e)
	}
	page, err := b.Entries(t.Context(), account.EntryQuery{ActorID: u.ID, Limit: 1})
	if err != nil || len(page.Entries) != 1 || page.Entries[0].Actor.Name != account.ErasedName(u.ID) || page.Entries[0].Actor.Address != "" {
		t.Errorf("entries by the user: %+v, %v; want them under %q, without an address", page.Entries, err, account.ErasedName(u.ID))
	}
	wantNoZelda(t, b)
	_, err = b.EraseUser(t.Context(), cli, u.ID)
	wantErr(t, "again", err, account.ErrNotFound)
	if next := b.staff("next"); next.ID <= u.ID {
		t.Errorf("the next user has the id %d; want one that was not used", next.ID)
	}
}

// wantNoZelda looks for the names in all rows of entries and, with SQLite, in the bytes of
// the files.
func wantNoZelda(t *testing.T, b *bench) {
	t.Helper()
	for q := (account.EntryQuery{Limit: 1000}); ; {
		page, err := b.Entries(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entries {
			if text := fmt.Sprint(e); containsZelda(text) {
				t.Errorf("entry %s names the erased user", text)
			}
		}
		if q.Before = page.Older; q.Before == 0 {
			break
		}
	}
	if b.cfg.URL != "" {
		return
	}
	for _, part := range []string{"", "-wal"} {
		content, err := os.ReadFile(b.cfg.Path + part)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range zeldas {
			if i := bytes.Index(content, []byte(text)); i >= 0 {
				t.Errorf("accounts.sqlite%s has %q at %d of %d bytes", part, text, i, len(content))
			}
		}
	}
}

func containsZelda(text string) bool {
	return slices.ContainsFunc(zeldas, func(z string) bool { return strings.Contains(text, z) })
}

func TestEraseUser_Refusals(t *testing.T) {
	b := open(t)
	root, editor := b.superuser("root"), b.staff("editor", account.DeleteUser, account.ChangeUser)
	other := b.staff("other")
	for _, test := range []struct {
		by   account.Actor
		id   uint64
		want error
	}{
		{console(editor), other.ID, account.ErrForbidden}, {console(root), root.ID, account.ErrSelf},
		{cli, root.ID, account.ErrLastSuperuser}, {cli, 99, account.ErrNotFound}, {account.Actor{}, other.ID, account.ErrActor},
	} {
		_, err := b.EraseUser(t.Context(), test.by, test.id)
		wantErr(t, fmt.Sprintf("EraseUser(%d) by %q", test.id, test.by.Name), err, test.want)
	}
	_, err := b.ExportUser(t.Context(), console(editor), other.ID)
	wantErr(t, "ExportUser", err, account.ErrForbidden)
	wantErr(t, "MaySuper", b.MaySuper(t.Context(), console(editor)), account.ErrForbidden)
	if err := b.MaySuper(t.Context(), console(root)); err != nil {
		t.Errorf("MaySuper of a superuser = %v", err)
	}
	if e := b.newest(); e.Action != account.ActionAdd {
		t.Errorf("the newest entry is %+v; want none about what was refused", e)
	}
}

// Who was deleted before can be exported and erased, too, under the name of that time.
func TestEraseUser_Former(t *testing.T) {
	b, root, u := withZelda(t)
	if err := b.DeleteUsers(t.Context(), console(root), u.ID); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{zelda, "first" + zelda} {
		if ids, err := b.FormerUsers(t.Context(), name); err != nil || !slices.Equal(ids, []uint64{u.ID}) {
			t.Errorf("FormerUsers(%q) = %v, %v; want %d", name, ids, err, u.ID)
		}
	}
	if ids, err := b.FormerUsers(t.Context(), "root"); err != nil || len(ids) != 0 {
		t.Errorf("FormerUsers(root) = %v, %v; want none", ids, err)
	}
	if d, err := b.ExportUser(t.Context(), cli, u.ID); err != nil || d.User != nil || len(d.Entries) < 800 {
		t.Errorf("ExportUser = %v, %d entries, %v; want entries alone", d.User, len(d.Entries), err)
	}
	if _, err := b.EraseUser(t.Context(), cli, u.ID); err != nil {
		t.Fatal(err)
	}
	wantNoZelda(t, b)
}

// An export has what there is, and no secret, no hash, and no name of another person.
func TestExportUser(t *testing.T) {
	b, root, u := withZelda(t)
	d, err := b.ExportUser(t.Context(), console(root), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if d.User == nil || d.User.Email != zeldaMail || d.RecoveryCodes != 10 || d.AppAdded.IsZero() || len(d.Entries) < 800 || d.Left {
		t.Errorf("ExportUser = %+v with %d entries; want all of the user", d.User, len(d.Entries))
	}
	if e := d.Entries[0]; e.Action != account.ActionExport || e.Actor.Name != "" || e.Actor.Address != "" {
		t.Errorf("the newest entry is %+v; want the export, by someone who is not named", e)
	}
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"argon2", "$m=", `"root"`, "sealed"} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the export has %q", secret)
		}
	}
	if e := b.newest(); e.Action != account.ActionExport || e.Object != zelda || e.Actor != console(root) {
		t.Errorf("the newest entry is %+v; want the export by root", e)
	}
}

// What an operator did while they were erased, and what others did to them, is recorded without
// their name. The address of the others stays.
func TestEraseUser_LateEntryBy(t *testing.T) {
	b, root, u := withZelda(t)
	if _, err := b.EraseUser(t.Context(), cli, u.ID); err != nil {
		t.Fatal(err)
	}
	by := account.Actor{UserID: u.ID, Name: zelda, Address: zeldaAddress, Via: account.ViaConsole}
	if err := b.Audit(t.Context(), by, account.Event{Action: account.ActionRevokeAll, Kind: account.KindSession, Count: 7}); err != nil {
		t.Fatal(err)
	}
	if got := b.newest().Actor; got.Name != account.ErasedName(u.ID) || got.Address != "" || got.UserID != u.ID {
		t.Errorf("the actor of a late entry is %+v; want the id alone", got)
	}
	about := account.Event{Action: account.ActionRevoke, Kind: account.KindConsole, ObjectID: fmt.Sprint(u.ID), Object: zelda, Count: 1}
	if err := b.Audit(t.Context(), console(root), about); err != nil {
		t.Fatal(err)
	}
	if got := b.newest(); got.Object != account.ErasedName(u.ID) || got.Actor != console(root) {
		t.Errorf("the late entry by another operator is %+v; want it by root, about the id alone", got)
	}
	wantNoZelda(t, b)
}

// A sign-in that ran during the erasure, or whose entry waited for room, is recorded without
// the name. That of a user who was only deleted keeps it.
func TestEraseUser_LateEntry(t *testing.T) {
	b, _, u := withZelda(t)
	other := b.staff("other")
	if err := b.DeleteUsers(t.Context(), cli, other.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.EraseUser(t.Context(), cli, u.ID); err != nil {
		t.Fatal(err)
	}
	late := account.Actor{Name: zelda, Address: zeldaAddress, Via: account.ViaCommandLine}
	for id, name := range map[uint64]string{u.ID: zelda, other.ID: "other"} {
		if err := b.Audit(t.Context(), late, account.Event{Action: account.ActionSignInFailed, Kind: account.KindUser, ObjectID: fmt.Sprint(id), Object: name}); err != nil {
			t.Fatal(err)
		}
		if got, kept := b.newest(), name == "other"; kept != (got.Object == name) || kept != (got.Actor.Address != "") || kept != (got.Actor.Name == zelda) {
			t.Errorf("the late entry about %s is %+v; want it named: %v", name, got, kept)
		}
	}
}

// Failed sign-ins of an erased user no longer count for the name.
func TestEraseUser_FailedSignIns(t *testing.T) { eachCounts(t, testEraseFailures) }

func testEraseFailures(t *testing.T, b *bench) {
	b.superuser("root")
	ada := b.staff("ada")
	b.signsIn("ada", "203.0.113.1")
	b.fails(9, "ada", "203.0.113.7")
	if _, err := b.EraseUser(t.Context(), cli, ada.ID); err != nil {
		t.Fatal(err)
	}
	b.staff("ada") // another person
	b.fails(9, "ada", "203.0.113.7")
	b.signsIn("ada", "203.0.113.7")
}

func entryCountOf(b *bench) (n int) {
	q := account.EntryQuery{Limit: 1000}
	for {
		page, err := b.Entries(b.t.Context(), q)
		if err != nil {
			b.t.Fatal(err)
		}
		if n, q.Before = n+len(page.Entries), page.Older; q.Before == 0 {
			return n
		}
	}
}
