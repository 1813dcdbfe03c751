package account_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/passkey"
	"pagesession/internal/testkit/authenticator"
)

// listed returns a user's passkeys.
func (b *bench) listed(u account.User) []account.Passkey {
	b.t.Helper()
	return must(b.Passkeys(b.t.Context(), u.ID))
}

func TestAddPasskey(t *testing.T) {
	b := open(t)
	h := b.holder(b.staff("ada"))
	if len(h.codes) != 10 || h.user.Epoch != b.user(h.user.ID).Epoch || !h.user.Factors.Passkey {
		t.Errorf("the first passkey: %d recovery codes, %+v; want 10 and the same epoch", len(h.codes), h.user)
	}
	if e := b.newest(); e.Action != account.ActionFactorAdd || e.Object != "ada" || !slices.Equal(e.Fields, []string{"passkey"}) {
		t.Errorf("entry %+v", e)
	}
	phone := authenticator.New(t, site.Page)
	phone.Flags |= authenticator.Eligible | authenticator.BackedUp
	b.clock.Advance(time.Minute)
	if done, err := h.add(phone, " Cafe\u0301 phone "); err != nil || done.Codes != nil {
		t.Errorf("the second passkey: %v codes, %v; want no new codes", done.Codes, err)
	}
	all := b.reopen().listed(h.user)
	if len(all) != 2 || all[0].Name != "Laptop" || all[1].Name != "Café phone" || all[0].Host != site.Host || all[0].Synced || !all[1].Synced ||
		!all[0].Alone || !all[0].LastUsed.IsZero() || !all[1].Added.Equal(b.clock.Now()) || all[0].ID == all[1].ID {
		t.Errorf("listed: %+v", all)
	}
}

// A user's handle is the same for all their passkeys, and says nothing.
func TestPasskey_Handle(t *testing.T) {
	b := open(t)
	ada, eve := b.holder(b.staff("ada")), b.holder(b.staff("eve"))
	phone := authenticator.New(t, site.Page)
	if _, err := ada.add(phone, "Phone"); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(phone.Handle, ada.key.Handle) || bytes.Equal(ada.key.Handle, eve.key.Handle) || len(phone.Handle) != 32 {
		t.Errorf("handles %x, %x and %x", ada.key.Handle, phone.Handle, eve.key.Handle)
	}
	other := open(t)
	if same := other.holder(other.staff("ada")); same.user.ID == ada.user.ID && bytes.Equal(same.key.Handle, ada.key.Handle) {
		t.Error("two databases give a user of the same id the same handle")
	}
}

func TestAddPasskey_Refuses(t *testing.T) {
	b := open(t)
	h := b.holder(b.staff("ada"))
	if _, err := h.add(h.key, "Again"); !errors.Is(err, authenticator.ErrExcluded) {
		t.Errorf("the same authenticator: %v; want that it refuses", err)
	}
	for what, name := range map[string]string{"no name": " ", "a long name": strings.Repeat("é", 101), "controls": "a\u202eb", "bytes": "a\xff"} {
		_, err := h.add(authenticator.New(t, site.Page), name)
		var wrong account.ValidationErrors
		if !errors.As(err, &wrong) || wrong[account.FieldName] == nil {
			t.Errorf("%s: %v; want a mistake in the name", what, err)
		}
	}
	if _, err := h.add(authenticator.New(t, site.Page), strings.Repeat("é", 100)); err != nil {
		t.Errorf("the longest name: %v", err)
	}
	for what, spoil := range map[string]func(set *account.PasskeySetup, key *authenticator.Passkey){
		"another page":      func(_ *account.PasskeySetup, key *authenticator.Passkey) { key.Page = "https://evil.example" },
		"another host":      func(_ *account.PasskeySetup, key *authenticator.Passkey) { key.Host = "evil.example" },
		"another challenge": func(_ *account.PasskeySetup, key *authenticator.Passkey) { key.Challenge = strings.Repeat("A", 43) },
		"an attestation":    func(_ *account.PasskeySetup, key *authenticator.Passkey) { key.Format = "fido-u2f" },
		"a known id":        func(_ *account.PasskeySetup, key *authenticator.Passkey) { key.ID = h.key.ID },
	} {
		set, options := h.setup()
		key := authenticator.New(t, site.Page)
		spoil(&set, key)
		answer, err := key.Create([]byte(strings.Replace(string(options), "excludeCredentials", "ignored", 1)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.AddPasskey(t.Context(), console(h.user), set, answer, "Phone")
		wantErr(t, what, err, account.ErrPasskey)
	}
	if n := len(b.listed(h.user)); n != 2 {
		t.Errorf("%d passkeys; want the 2 that were right", n)
	}
}

// A setup is one user's, with one password, for five minutes.
func TestAddPasskey_Setup(t *testing.T) {
	b := open(t)
	h, eve := b.holder(b.staff("ada")), b.staff("eve")
	set, options := h.setup()
	answer, err := authenticator.New(t, site.Page).Create(options)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.AddPasskey(t.Context(), console(eve), set, answer, "Phone")
	wantErr(t, "by another user", err, account.ErrForbidden)
	_, err = b.AddPasskey(t.Context(), cli, set, answer, "Phone")
	wantErr(t, "by a command", err, account.ErrForbidden)
	_, err = b.AddPasskey(t.Context(), console(h.user), account.PasskeySetup{}, answer, "Phone")
	wantErr(t, "without a setup", err, account.ErrForbidden)
	old := set
	old.Epoch++
	_, err = b.AddPasskey(t.Context(), console(h.user), old, answer, "Phone")
	wantErr(t, "of another epoch", err, account.ErrSetup)
	b.clock.Advance(passkey.Life)
	_, err = b.AddPasskey(t.Context(), console(h.user), set, answer, "Phone")
	wantErr(t, "late", err, account.ErrSetup)
	_, _, err = b.SetUpPasskey(t.Context(), console(h.user), site)
	wantErr(t, "without the password", err, account.ErrUnconfirmed)
	_, _, err = b.SetUpPasskey(t.Context(), cli, site)
	wantErr(t, "by a command", err, account.ErrForbidden)
}

// A setup makes one passkey, also if the browser's cookie with it was copied before.
func TestAddPasskey_SetupOnce(t *testing.T) {
	b := open(t)
	h := b.holder(b.staff("ada"))
	set, options := h.setup()
	for i, want := range []error{nil, account.ErrSetup, account.ErrSetup} {
		answer, err := authenticator.New(t, site.Page).Create(options)
		if err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(time.Minute)
		_, err = b.AddPasskey(t.Context(), console(h.user), set, answer, fmt.Sprint("Key ", i))
		wantErr(t, fmt.Sprint("passkey ", i), err, want)
	}
	if _, err := h.add(authenticator.New(t, site.Page), "Phone"); err != nil || len(b.listed(h.user)) != 3 {
		t.Errorf("the next setup: %v, %d passkeys; want 3", err, len(b.listed(h.user)))
	}
	if err := b.Damage("UPDATE passkeys SET added = added + 86400000000"); err != nil { // a clock that was ahead
		t.Fatal(err)
	}
	if _, err := h.add(authenticator.New(t, site.Page), "Tablet"); err != nil {
		t.Errorf("after a day that did not come: %v", err)
	}
}

func TestAddPasskey_Bound(t *testing.T) {
	b := open(t)
	h := b.holder(b.staff("ada"))
	set, options := h.setup()
	for i := range 19 {
		if _, err := h.add(authenticator.New(t, site.Page), fmt.Sprint("Key ", i)); err != nil {
			t.Fatalf("passkey %d: %v", i+2, err)
		}
	}
	_, _, err := b.SetUpPasskey(t.Context(), b.confirmed(h.user), site)
	wantErr(t, "the 21st", err, account.ErrManyPasskeys)
	answer, _ := authenticator.New(t, site.Page).Create(options)
	_, err = b.AddPasskey(t.Context(), console(h.user), set, answer, "Late")
	wantErr(t, "the 21st, begun earlier", err, account.ErrManyPasskeys)
}

func TestRenamePasskey(t *testing.T) {
	b := open(t)
	h := b.holder(b.staff("ada"))
	id := b.listed(h.user)[0].ID
	if err := b.RenamePasskey(t.Context(), b.confirmed(h.user), h.user.ID, id, "Old laptop"); err != nil {
		t.Fatal(err)
	}
	if got := b.listed(h.user)[0].Name; got != "Old laptop" {
		t.Errorf("name %q", got)
	}
	if e := b.newest(); e.Action != account.ActionFactorChange || e.Object != "ada" || b.user(h.user.ID).Epoch != h.user.Epoch {
		t.Errorf("entry %+v; want the change, and the same epoch", e)
	}
	var wrong account.ValidationErrors
	if err := b.RenamePasskey(t.Context(), b.confirmed(h.user), h.user.ID, id, ""); !errors.As(err, &wrong) {
		t.Errorf("no name: %v", err)
	}
	b.notTheirs(h, func(by account.Actor, user uint64, id string) error {
		return b.RenamePasskey(t.Context(), by, user, id, "x")
	})
}

// notTheirs fails the test unless only the user may change a passkey, with the password.
func (b *bench) notTheirs(h *holder, change func(by account.Actor, user uint64, id string) error) {
	b.t.Helper()
	id := b.listed(h.user)[0].ID
	eve := b.superuser("eve")
	wantErr(b.t, "without the password", change(console(h.user), h.user.ID, id), account.ErrUnconfirmed)
	wantErr(b.t, "by another user", change(b.confirmed(eve), h.user.ID, id), account.ErrForbidden)
	wantErr(b.t, "of another user", change(b.confirmed(eve), eve.ID, id), account.ErrNotFound)
	wantErr(b.t, "an unknown one", change(b.confirmed(h.user), h.user.ID, "x"), account.ErrNotFound)
}

func TestRemovePasskey(t *testing.T) {
	b := open(t)
	h := b.holder(b.staff("ada"))
	if _, err := h.add(authenticator.New(t, site.Page), "Phone"); err != nil {
		t.Fatal(err)
	}
	b.notTheirs(h, func(by account.Actor, user uint64, id string) error {
		return second(b.RemovePasskey(t.Context(), by, user, id))
	})
	after, err := b.RemovePasskey(t.Context(), b.confirmed(h.user), h.user.ID, b.listed(h.user)[0].ID)
	if err != nil || after.Epoch != h.user.Epoch+1 || !after.Factors.Passkey {
		t.Fatalf("RemovePasskey = %+v, %v; want a new epoch", after, err)
	}
	if e := b.newest(); e.Action != account.ActionFactorRemove || !slices.Equal(e.Fields, []string{"passkey"}) {
		t.Errorf("entry %+v", e)
	}
	after, err = b.RemovePasskey(t.Context(), b.confirmed(after), h.user.ID, b.listed(h.user)[0].ID)
	if err != nil || after.Factors.Any() || must(b.SecondFactors(t.Context(), after.ID)).RecoveryCodes != 0 {
		t.Errorf("the last one: %+v, %v; want no recovery codes either", after, err)
	}
	if _, err := b.signIn("ada", goodPassword, "192.0.2.1"); err != nil {
		t.Errorf("a sign-in by password: %v", err)
	}
}

func TestRemovePasskey_Required(t *testing.T) {
	b := open(t)
	b.cfg.Required = account.Everyone
	b = b.reopen()
	h := b.holder(b.staff("ada"))
	_, err := b.RemovePasskey(t.Context(), b.confirmed(h.user), h.user.ID, b.listed(h.user)[0].ID)
	wantErr(t, "the last one", err, account.ErrRequired)
	if len(b.listed(h.user)) != 1 {
		t.Error("it is gone")
	}
}

func TestResetSecondFactors_Passkeys(t *testing.T) {
	b := open(t)
	h := b.holder(b.staff("ada"))
	if u, err := b.ResetSecondFactors(t.Context(), console(b.superuser("root")), h.user.ID); err != nil || u.Factors.Any() || len(b.listed(u)) > 0 {
		t.Errorf("ResetSecondFactors = %+v, %v; want no passkey", u, err)
	}
}

// A move takes passkeys along, and they sign in there.
func TestMove_Passkeys(t *testing.T) {
	b := open(t)
	h := b.holder(b.staff("ada"))
	to := b.cfg
	to.Path = filepath.Join(t.TempDir(), "accounts.sqlite")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := account.Move(t.Context(), b.cfg, to); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(time.Second)
	h.b = openWith(t, to, b.clock)
	if in, err := h.b.SignInByPasskey(t.Context(), h.alone()); err != nil || in.ID != h.user.ID {
		t.Errorf("a sign-in after a move: %+v, %v", in, err)
	}
}
