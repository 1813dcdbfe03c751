package account_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
)

func TestTOTP_SetUpByTheUser(t *testing.T) {
	b := openSealed(t)
	u := b.staff("ada")
	by := b.confirmed(u)
	set, err := b.SetUpTOTP(t.Context(), by, u.ID, "console.example:8000")
	if err != nil || len(set.Secret) != 32 {
		t.Fatalf("SetUpTOTP = a secret of %d letters, %v; want 160 bits in base32", len(set.Secret), err)
	}
	at, err := url.Parse(set.Address)
	want := url.Values{"secret": {set.Secret}, "issuer": {"console.example 8000"}, "period": {"30"}, "digits": {"6"}, "algorithm": {"SHA1"}}
	if err != nil || at.Scheme != "otpauth" || at.Host != "totp" || at.Path != "/console.example 8000:ada" || at.Query().Encode() != want.Encode() {
		t.Errorf("the address has the path %q and the parameters %v, %v; want %v", at.Path, at.Query(), err, want)
	}
	if _, err := b.signIn("ada", goodPassword, "192.0.2.1"); err != nil {
		t.Fatalf("a sign-in before the app is confirmed: %v", err)
	}
	_, err = b.ConfirmTOTP(t.Context(), console(u), set.Sealed, "000000")
	wantErr(t, "a wrong code", err, account.ErrCode)
	again, err := b.TOTPSetupAgain(t.Context(), console(u), set.Sealed, "console.example:8000")
	if err != nil || again.Secret != set.Secret || again.Address != set.Address {
		t.Fatalf("TOTPSetupAgain = another secret, %v", err)
	}
	done, err := b.ConfirmTOTP(t.Context(), console(u), again.Sealed, b.code(app{secret: set.Secret}))
	if err != nil || len(done.Codes) != 10 || done.User.Epoch != u.Epoch || !done.User.Factors.TOTP {
		t.Fatalf("ConfirmTOTP = %+v with %d codes, %v; want ten, and the same epoch", done.User, len(done.Codes), err)
	}
	for _, code := range done.Codes {
		if len(code) != 27 || strings.Count(code, "-") != 3 || strings.Count(strings.Join(done.Codes, " "), code) != 1 {
			t.Errorf("recovery code of %d letters; want 24 of them in four groups, each once", len(code))
		}
	}
	if e := b.newest(); e.Action != account.ActionFactorAdd || e.Actor != console(u) || !slices.Equal(e.Fields, []string{"totp"}) {
		t.Errorf("entry %+v", e)
	}
	got := must(b.SecondFactors(t.Context(), u.ID))
	if wants := (account.SecondFactors{TOTP: true, Added: b.clock.Now().UTC().Truncate(time.Microsecond), RecoveryCodes: 10}); got != wants {
		t.Errorf("SecondFactors = %+v; want %+v", got, wants)
	}
}

// The database has neither the secret nor the codes in a form that others can use.
func TestTOTP_StoresNoSecret(t *testing.T) {
	b := openSealed(t)
	a := b.app(b.staff("ada"))
	stored := b.Stored()
	for _, secret := range append(a.codes, a.secret, strings.ReplaceAll(a.codes[0], "-", "")) {
		if strings.Contains(stored, secret) {
			t.Error("the database has a secret as it is")
		}
	}
	if !strings.Contains(stored, "ada") {
		t.Error("the test does not read the database")
	}
}

func TestTOTP_SetUpNeedsTheUser(t *testing.T) {
	b := openSealed(t)
	u, root := b.staff("ada"), b.superuser("root")
	_, err := b.SetUpTOTP(t.Context(), console(u), u.ID, "test")
	wantErr(t, "without the password", err, account.ErrUnconfirmed)
	_, err = b.SetUpTOTP(t.Context(), b.confirmed(root), u.ID, "test")
	wantErr(t, "by another user", err, account.ErrForbidden)
	_, err = b.SetUpTOTP(t.Context(), cli, 99, "test")
	wantErr(t, "of an unknown user", err, account.ErrNotFound)
	set := must(b.SetUpTOTP(t.Context(), b.confirmed(u), u.ID, "test"))
	code := b.code(app{secret: set.Secret})
	_, err = b.ConfirmTOTP(t.Context(), console(root), set.Sealed, code)
	wantErr(t, "another user's setup", err, account.ErrForbidden)
	for what, sealed := range map[string]string{"nothing": "", "nonsense": "AAAA", "a changed one": "A" + set.Sealed[1:], "half of one": set.Sealed[:40], "no base64": "%"} {
		_, err = b.ConfirmTOTP(t.Context(), console(u), sealed, code)
		wantErr(t, what, err, account.ErrSetup)
		_, err = b.TOTPSetupAgain(t.Context(), console(u), sealed, "test")
		wantErr(t, what+" again", err, account.ErrSetup)
	}
	b.clock.Advance(15 * time.Minute)
	_, err = b.ConfirmTOTP(t.Context(), console(u), set.Sealed, b.code(app{secret: set.Secret}))
	wantErr(t, "after 15 minutes", err, account.ErrSetup)
	set = must(b.SetUpTOTP(t.Context(), b.confirmed(u), u.ID, "test"))
	must(b.SetPassword(t.Context(), cli, u.ID, goodPassword))
	_, err = b.ConfirmTOTP(t.Context(), console(u), set.Sealed, b.code(app{secret: set.Secret}))
	wantErr(t, "after a new password", err, account.ErrSetup)
}

// A setup makes one app, and shows its secret no more after that, also if the browser's cookie
// with it was copied before.
func TestTOTP_SetUpOnce(t *testing.T) {
	b := openSealed(t)
	u := b.staff("ada")
	set := must(b.SetUpTOTP(t.Context(), b.confirmed(u), u.ID, "test"))
	if _, err := b.ConfirmTOTP(t.Context(), console(u), set.Sealed, b.code(app{secret: set.Secret})); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(time.Minute)
	seq := b.newest().Seq
	_, err := b.ConfirmTOTP(t.Context(), console(u), set.Sealed, b.code(app{secret: set.Secret}))
	wantErr(t, "ConfirmTOTP again", err, account.ErrSetup)
	_, err = b.TOTPSetupAgain(t.Context(), console(u), set.Sealed, "test")
	wantErr(t, "TOTPSetupAgain", err, account.ErrSetup)
	if b.newest().Seq != seq || b.user(u.ID).Epoch != u.Epoch {
		t.Errorf("entry %+v, epoch %d; want no change", b.newest(), b.user(u.ID).Epoch)
	}
}

// A new app takes the place of the old one: its codes count no more, and sessions end.
func TestTOTP_Replace(t *testing.T) {
	b := openSealed(t)
	old := b.app(b.staff("ada"))
	now := b.app(old.user)
	if now.user.Epoch != old.user.Epoch+1 || now.codes != nil {
		t.Errorf("epoch %d after %d, %d new recovery codes; want the next one, and none", now.user.Epoch, old.user.Epoch, len(now.codes))
	}
	_, err := b.enter(b.ticket("ada"), b.code(old))
	wantErr(t, "a code of the old app", err, account.ErrCode)
	for _, code := range []string{b.code(now), old.codes[0]} {
		if _, err := b.enter(b.ticket("ada"), code); err != nil {
			t.Errorf("a code that counts: %v", err)
		}
	}
}

func TestTOTP_Remove(t *testing.T) {
	b := openSealed(t)
	a, root := b.app(b.staff("ada")), b.superuser("root")
	_, err := b.RemoveTOTP(t.Context(), console(a.user), a.user.ID)
	wantErr(t, "without the password", err, account.ErrUnconfirmed)
	_, err = b.RemoveTOTP(t.Context(), b.confirmed(root), a.user.ID)
	wantErr(t, "another user's", err, account.ErrForbidden)
	_, err = b.RemoveTOTP(t.Context(), b.confirmed(root), root.ID)
	wantErr(t, "without one", err, account.ErrNoFactor)
	got, err := b.RemoveTOTP(t.Context(), b.confirmed(a.user), a.user.ID)
	if err != nil || got.Factors.Any() || got.Epoch != a.user.Epoch+1 {
		t.Fatalf("RemoveTOTP = %+v, %v; want no factor, and the next epoch", got, err)
	}
	if e := b.newest(); e.Action != account.ActionFactorRemove || e.Actor != console(a.user) || !slices.Equal(e.Fields, []string{"totp"}) {
		t.Errorf("entry %+v", e)
	}
	if f := must(b.SecondFactors(t.Context(), a.user.ID)); f != (account.SecondFactors{}) {
		t.Errorf("SecondFactors = %+v; want nothing, also no recovery codes", f)
	}
	if _, err := b.signIn("ada", goodPassword, "192.0.2.1"); err != nil {
		t.Errorf("a sign-in afterwards: %v", err)
	}
}

func TestSecondFactor_Required(t *testing.T) {
	for required, may := range map[account.Requirement]map[bool]bool{ // by superuser
		"": {true: true, false: true}, account.Optional: {true: true, false: true},
		account.Superusers: {true: false, false: true}, account.Everyone: {true: false, false: false}, "nonsense": {true: false, false: false},
	} {
		b := openSealed(t)
		b.cfg.Required = required
		b = b.reopen()
		for super, may := range may {
			u := b.add(account.User{Username: map[bool]string{true: "root", false: "ada"}[super], Active: true, Staff: true, Superuser: super})
			if b.MustHaveSecondFactor(u) == may {
				t.Errorf("%q: MustHaveSecondFactor of a superuser (%v) = %v", required, super, !may)
			}
			u = b.app(u).user
			_, err := b.RemoveTOTP(t.Context(), b.confirmed(u), u.ID)
			if may != (err == nil) || !may && !errors.Is(err, account.ErrRequired) || may == b.user(u.ID).Factors.Any() {
				t.Errorf("%q: RemoveTOTP by a superuser (%v): %v; want it allowed: %v", required, super, err, may)
			}
			if _, err := b.RemoveTOTP(t.Context(), cli, u.ID); !may && err != nil {
				t.Errorf("%q: RemoveTOTP by a command: %v", required, err)
			}
		}
	}
}

func TestNewRecoveryCodes(t *testing.T) {
	b := openSealed(t)
	a, root := b.app(b.staff("ada")), b.superuser("root")
	_, err := b.NewRecoveryCodes(t.Context(), console(a.user), a.user.ID)
	wantErr(t, "without the password", err, account.ErrUnconfirmed)
	_, err = b.NewRecoveryCodes(t.Context(), b.confirmed(root), a.user.ID)
	wantErr(t, "another user's", err, account.ErrForbidden)
	_, err = b.NewRecoveryCodes(t.Context(), b.confirmed(root), root.ID)
	wantErr(t, "without a factor", err, account.ErrNoFactor)
	done, err := b.NewRecoveryCodes(t.Context(), b.confirmed(a.user), a.user.ID)
	if err != nil || len(done.Codes) != 10 || done.User.Epoch != a.user.Epoch {
		t.Fatalf("NewRecoveryCodes = %d codes, %v", len(done.Codes), err)
	}
	if e := b.newest(); e.Action != account.ActionRecovery || e.Object != "ada" {
		t.Errorf("entry %+v", e)
	}
	_, err = b.enter(b.ticket("ada"), a.codes[0])
	wantErr(t, "an old code", err, account.ErrCode)
	if _, err = b.enter(b.ticket("ada"), done.Codes[9]); err != nil {
		t.Errorf("a new code: %v", err)
	}
}

func TestResetSecondFactors(t *testing.T) {
	b := openSealed(t)
	a, root := b.app(b.staff("ada")), b.app(b.superuser("root"))
	editor := b.staff("editor", account.Permissions()...)
	for what, c := range map[string]struct {
		by   account.User
		id   uint64
		want error
	}{
		"by one who is not a superuser": {editor, a.user.ID, account.ErrForbidden},
		"of oneself":                    {root.user, root.user.ID, account.ErrSelf},
		"of one without a factor":       {root.user, editor.ID, account.ErrNoFactor},
		"of an unknown user":            {root.user, 99, account.ErrNotFound},
	} {
		_, err := b.ResetSecondFactors(t.Context(), console(c.by), c.id)
		wantErr(t, what, err, c.want)
	}
	for _, c := range []struct {
		by account.Actor
		of app
	}{{console(root.user), a}, {cli, root}} {
		_, _ = b.enter(b.ticket(c.of.user.Username), "wrong")
		u, err := b.ResetSecondFactors(t.Context(), c.by, c.of.user.ID)
		if err != nil || u.Factors.Any() || u.Epoch != c.of.user.Epoch+1 {
			t.Fatalf("ResetSecondFactors = %+v, %v; want no factor, and the next epoch", u, err)
		}
		if e := b.newest(); e.Action != account.ActionFactorReset || e.Object != u.Username || e.Actor != c.by {
			t.Errorf("entry %+v", e)
		}
		if f := must(b.SecondFactors(t.Context(), u.ID)); f != (account.SecondFactors{}) {
			t.Errorf("SecondFactors = %+v; want nothing", f)
		}
		if _, err := b.signIn(u.Username, goodPassword, "192.0.2.1"); err != nil {
			t.Errorf("a sign-in afterwards: %v", err)
		}
		if again := b.app(u); len(again.codes) != 10 {
			t.Errorf("%d recovery codes with the next app; want 10", len(again.codes))
		}
	}
}
