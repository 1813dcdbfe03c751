package account_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pagesession/internal/account"
)

// confirmed is the actor who has entered their password.
func (b *bench) confirmed(u account.User) account.Actor {
	b.t.Helper()
	by, err := b.Confirm(b.t.Context(), console(u), account.Device{}, goodPassword)
	if err != nil {
		b.t.Fatalf("Confirm: %v", err)
	}
	return by
}

// ownChanges are the ways to another password or e-mail address of one's own.
func (b *bench) ownChanges() map[string]func(by account.Actor, u account.User) error {
	ctx := b.t.Context()
	update := func(by account.Actor, u account.User) error {
		_, err := b.UpdateUser(ctx, by, u)
		return err
	}
	return map[string]func(account.Actor, account.User) error{
		"SetPassword": func(by account.Actor, u account.User) error {
			_, err := b.SetPassword(ctx, by, u.ID, "a much better one")
			return err
		},
		"ChangeOwnPassword": func(by account.Actor, _ account.User) error {
			_, err := b.ChangeOwnPassword(ctx, by, "a much better one")
			return err
		},
		"another e-mail": func(by account.Actor, u account.User) error { u.Email = "eve@example.org"; return update(by, u) },
		"no e-mail":      func(by account.Actor, u account.User) error { u.Email = ""; return update(by, u) },
		"all fields": func(by account.Actor, u account.User) error {
			u.Username, u.FirstName, u.Email, u.Version = "grace", "Grace", "g@example.org", 0
			return update(by, u)
		},
	}
}

func TestOwn_NeedsTheCurrentPassword(t *testing.T) {
	for _, super := range []bool{true, false} {
		b := open(t)
		b.superuser("root")
		rights := []account.Permission{account.ChangeUser}
		other := b.add(account.User{Username: "other", Active: true, Staff: true, Superuser: super, Permissions: rights})
		if _, err := b.SetPassword(t.Context(), cli, other.ID, goodPassword); err != nil { // the epoch that ada will have
			t.Fatal(err)
		}
		elsewhere := b.confirmed(other)
		for what, do := range b.ownChanges() {
			u := b.add(account.User{Username: "ada", Email: "ada@example.org", Active: true, Staff: true, Superuser: super, Permissions: rights})
			forged := elsewhere
			forged.UserID, forged.Name = u.ID, u.Username
			stale := b.confirmed(u)
			if _, err := b.SetPassword(t.Context(), cli, u.ID, goodPassword); err != nil {
				t.Fatal(err)
			}
			for who, by := range map[string]account.Actor{"without it": console(u), "with another user's": forged, "with one of the past": stale} {
				before, seq := b.user(u.ID), b.newest().Seq
				var wrong account.ValidationErrors
				if err := do(by, before); !errors.As(err, &wrong) || len(wrong) != 1 || len(wrong[account.FieldOldPassword]) != 1 {
					t.Errorf("%s %s: %v; want a message at the field of the current password", what, who, err)
				}
				if after := b.user(u.ID); after.Version != before.Version || b.newest().Seq != seq {
					t.Errorf("%s %s: something changed: %+v", what, who, after)
				}
			}
			if err := do(b.confirmed(u), b.user(u.ID)); err != nil {
				t.Errorf("%s with it: %v", what, err)
			}
			wantErr(t, "delete", b.DeleteUsers(t.Context(), cli, u.ID), nil)
		}
	}
}

// Other changes need no proof: of others, of one's own names, and on the server's machine.
func TestOwn_OtherChangesNeedNone(t *testing.T) {
	b := open(t)
	root := b.superuser("root")
	for what, do := range b.ownChanges() {
		u := b.add(account.User{Username: "ada", Email: "ada@example.org"})
		if what != "ChangeOwnPassword" {
			wantErr(t, what+" of another user", do(console(root), u), nil)
			wantErr(t, what+" by a command", do(cli, b.user(u.ID)), nil)
		}
		wantErr(t, "delete", b.DeleteUsers(t.Context(), cli, u.ID), nil)
	}
	root.FirstName, root.Groups = "Grace", []uint64{b.group("editors").ID}
	if _, err := b.UpdateUser(t.Context(), console(root), root); err != nil {
		t.Errorf("one's own name and groups: %v", err)
	}
}

// Each mistake has its message, at once.
func TestOwn_ReportsOtherMistakesToo(t *testing.T) {
	b := open(t)
	root := b.superuser("root")
	root.Username, root.Email = "a b", "nonsense"
	for _, err := range []error{
		second(b.UpdateUser(t.Context(), console(root), root)),
		second(b.SetPassword(t.Context(), console(root), root.ID, "short")),
		second(b.ChangeOwnPassword(t.Context(), console(root), "short")),
	} {
		var wrong account.ValidationErrors
		if !errors.As(err, &wrong) || len(wrong) < 2 || wrong[account.FieldOldPassword] == nil {
			t.Errorf("%v; want a message at each field", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestConfirm_CountsAsASignIn(t *testing.T) {
	hashed := 0
	b := open(t)
	b.cfg = b.cfg.CountHashes(&hashed)
	b = b.reopen()
	u := b.staff("ada")
	for i := range 10 {
		hashed = 0
		_, err := b.Confirm(t.Context(), console(u), account.Device{}, []string{"wrong", ""}[i%2])
		wantErr(t, "a failure", err, account.ErrWrongPassword)
		if e := b.newest(); e.Action != account.ActionSignInFailed || e.Actor.UserID != u.ID || e.ObjectID != fmt.Sprint(u.ID) || hashed != 1 {
			t.Errorf("entry %+v, %d hashes; want a failure of this user and one hash", e, hashed)
		}
	}
	_, err := b.Confirm(t.Context(), console(u), account.Device{}, goodPassword)
	wantErr(t, "the eleventh", err, account.ErrThrottled)
	_, err = b.signIn("ada", goodPassword, "198.51.100.1")
	wantErr(t, "a sign-in", err, account.ErrThrottled)
	b.clock.Advance(5 * time.Minute)
	by := b.confirmed(u)
	if e := b.newest(); e.Action == account.ActionSignIn {
		t.Errorf("entry %+v; a confirmation is not a sign-in", e)
	}
	if _, err := b.ChangeOwnPassword(t.Context(), by, "a much better one"); err != nil {
		t.Errorf("five minutes later: %v", err)
	}
}

func TestConfirm_OnlyUsersOfTheConsole(t *testing.T) {
	b := open(t)
	u := b.staff("ada")
	forged := cli
	forged.UserID = u.ID
	for what, by := range map[string]account.Actor{
		"at the command line": cli, "there with an id": forged, "an unknown user": {UserID: 99, Via: account.ViaConsole}, "none": {},
	} {
		_, err := b.Confirm(t.Context(), by, account.Device{}, goodPassword)
		wantErr(t, what, err, account.ErrForbidden)
	}
	for _, by := range []account.Actor{cli, forged} {
		_, err := b.ChangeOwnPassword(t.Context(), by, "a much better one")
		wantErr(t, "ChangeOwnPassword at the command line", err, account.ErrForbidden)
	}
}

func TestChangeOwnPassword(t *testing.T) {
	b := open(t)
	u := b.staff("ada")
	const next = "a much better one"
	var wrong account.ValidationErrors
	if _, err := b.ChangeOwnPassword(t.Context(), b.confirmed(u), "short"); !errors.As(err, &wrong) || wrong[account.FieldOldPassword] != nil {
		t.Errorf("a short one: %v", err)
	}
	got, err := b.ChangeOwnPassword(t.Context(), b.confirmed(u), next)
	if err != nil || got.Epoch == u.Epoch {
		t.Fatalf("ChangeOwnPassword = epoch %d, %v; want another epoch", got.Epoch, err)
	}
	if e := b.newest(); e.Action != account.ActionPassword || e.ObjectID != "1" || e.Actor != console(u) || !slices.Equal(e.Fields, []string{"password"}) {
		t.Errorf("entry %+v", e)
	}
	if _, err := b.signIn("ada", next, "192.0.2.1"); err != nil {
		t.Errorf("the new password: %v", err)
	}
	_, err = b.signIn("ada", goodPassword, "192.0.2.1")
	wantErr(t, "the old password", err, account.ErrSignIn)
}
