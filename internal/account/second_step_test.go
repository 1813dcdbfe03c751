package account_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"pagesession/internal/account"
)

var secretKey = []byte("a secret key of thirty-two bytes")

// An app is an authenticator app in a test.
type app struct {
	user   account.User
	secret string
	codes  []string // recovery codes
}

// openSealed opens a store that can seal secrets.
func openSealed(t testing.TB) *bench {
	b := open(t)
	b.cfg.SecretKey = secretKey
	return b.reopen()
}

// app sets up an authenticator app for a user at the command line. Its first code is used.
func (b *bench) app(u account.User) app {
	b.t.Helper()
	set, err := b.SetUpTOTP(b.t.Context(), cli, u.ID, "test")
	if err != nil {
		b.t.Fatalf("SetUpTOTP: %v", err)
	}
	a := app{secret: set.Secret}
	done, err := b.ConfirmTOTP(b.t.Context(), cli, set.Sealed, b.code(a))
	if err != nil {
		b.t.Fatalf("ConfirmTOTP: %v", err)
	}
	a.user, a.codes = done.User, done.Codes
	b.clock.Advance(time.Minute)
	return a
}

// code returns the app's code now.
func (b *bench) code(a app) string { return b.codeAt(a, b.clock.Now()) }

func (b *bench) codeAt(a app, at time.Time) string {
	b.t.Helper()
	code, err := totp.GenerateCode(a.secret, at)
	if err != nil {
		b.t.Fatal(err)
	}
	return code
}

// ticket signs in with the password.
func (b *bench) ticket(name string) account.Ticket {
	b.t.Helper()
	_, err := b.signIn(name, goodPassword, "192.0.2.1")
	var next *account.SecondFactorError
	if !errors.As(err, &next) {
		b.t.Fatalf("Authenticate(%q) = %v; want that a second factor is needed", name, err)
	}
	return next.Ticket
}

// enter is the second step.
func (b *bench) enter(ticket account.Ticket, code string) (account.SignIn, error) {
	return b.SecondFactor(b.t.Context(), account.SecondStep{Ticket: ticket, Code: code, Address: "192.0.2.1"})
}

func TestAuthenticate_SecondFactorIsNeeded(t *testing.T) {
	b := openSealed(t)
	a := b.app(b.staff("ada"))
	before := b.newest()
	got, err := b.signIn("ada", goodPassword, "192.0.2.1")
	var next *account.SecondFactorError
	if !errors.As(err, &next) || !errors.Is(err, account.ErrSecondFactor) || got.ID != 0 {
		t.Fatalf("Authenticate = %+v, %v; want no user, and that a second factor is needed", got, err)
	}
	want := account.Ticket{User: a.user.ID, Epoch: a.user.Epoch, At: b.clock.Now().UTC().Truncate(time.Microsecond)}
	if next.Ticket != want || next.Factors != (account.Factors{TOTP: true}) {
		t.Errorf("ticket %+v for %+v; want %+v for an app", next.Ticket, next.Factors, want)
	}
	if e := b.newest(); e.Seq != before.Seq || !b.user(a.user.ID).LastLogin.IsZero() {
		t.Errorf("entry %+v after the password; want no sign-in yet", e)
	}
	_, err = b.signIn("ada", "wrong", "192.0.2.1")
	wantErr(t, "a wrong password", err, account.ErrSignIn)
}

// A new password leaves the second factor as it is.
func TestSecondFactor_StaysWithANewPassword(t *testing.T) {
	b := openSealed(t)
	a := b.app(b.staff("ada"))
	if _, err := b.SetPassword(t.Context(), cli, a.user.ID, "another "+goodPassword); err != nil {
		t.Fatal(err)
	}
	_, err := b.signIn("ada", "another "+goodPassword, "192.0.2.1")
	wantErr(t, "the new password alone", err, account.ErrSecondFactor)
}

func TestSecondFactor_Code(t *testing.T) {
	b := openSealed(t)
	a := b.app(b.staff("ada"))
	typed := b.code(a)
	in, err := b.enter(b.ticket("ada"), typed[:3]+" "+typed[3:])
	if err != nil || in.ID != a.user.ID || in.By != account.ByTOTP || in.WrongCodes != 0 || in.RecoveryCodes != 10 || !in.LastLogin.Equal(b.clock.Now()) {
		t.Fatalf("SecondFactor = %+v, %v", in, err)
	}
	e := b.newest()
	if e.Action != account.ActionSignIn || e.Actor != account.Console(a.user, "192.0.2.1") || !slices.Equal(e.Fields, []string{"totp"}) {
		t.Errorf("entry %+v", e)
	}
	if !b.reopen().user(a.user.ID).LastLogin.Equal(b.clock.Now()) {
		t.Error("the sign-in is not on disk")
	}
}

// A device may be one step ahead or behind, and no more.
func TestSecondFactor_ClockSkew(t *testing.T) {
	b := openSealed(t)
	a := b.app(b.staff("ada"))
	for steps, want := range map[time.Duration]error{-2: account.ErrCode, -1: nil, 0: nil, 1: nil, 2: account.ErrCode} {
		b.clock.Advance(5 * time.Minute)
		_, err := b.enter(b.ticket("ada"), b.codeAt(a, b.clock.Now().Add(steps*30*time.Second)))
		if !errors.Is(err, want) {
			t.Errorf("a device that is %d steps ahead: %v; want %v", steps, err, want)
		}
	}
}

func TestSecondFactor_EachCodeOnce(t *testing.T) {
	b := openSealed(t)
	a := b.app(b.staff("ada"))
	code, earlier := b.code(a), b.codeAt(a, b.clock.Now().Add(-30*time.Second))
	ticket := b.ticket("ada")
	if _, err := b.enter(ticket, code); err != nil {
		t.Fatal(err)
	}
	for what, code := range map[string]string{"the same code": code, "the one before it": earlier} {
		_, err := b.enter(ticket, code)
		wantErr(t, what, err, account.ErrCode)
	}
	_, err := b.reopen().enter(ticket, code)
	wantErr(t, "the same code after a restart", err, account.ErrCode)
}

// The code that proves a setup signs no user in.
func TestSecondFactor_NotTheCodeOfTheSetup(t *testing.T) {
	b := openSealed(t)
	a := b.app(b.staff("ada"))
	b.clock.Advance(-time.Minute)
	_, err := b.enter(b.ticket("ada"), b.code(a))
	wantErr(t, "the code of the setup", err, account.ErrCode)
}

func TestSecondFactor_RecoveryCode(t *testing.T) {
	b := openSealed(t)
	a := b.app(b.staff("ada"))
	if len(a.codes) != 10 {
		t.Fatalf("%d recovery codes; want 10", len(a.codes))
	}
	in, err := b.enter(b.ticket("ada"), " "+strings.ReplaceAll(strings.ToLower(a.codes[3]), "-", " "))
	if err != nil || in.By != account.ByRecoveryCode || in.RecoveryCodes != 9 {
		t.Fatalf("SecondFactor = %+v, %v; want 9 codes left", in, err)
	}
	if e := b.newest(); e.Action != account.ActionSignIn || !slices.Equal(e.Fields, []string{"recovery_code"}) {
		t.Errorf("entry %+v", e)
	}
	b = b.reopen()
	_, err = b.enter(b.ticket("ada"), a.codes[3])
	wantErr(t, "a used code", err, account.ErrCode)
	eve := b.app(b.staff("eve"))
	_, err = b.enter(b.ticket("ada"), eve.codes[0])
	wantErr(t, "another user's code", err, account.ErrCode)
}

func TestSecondFactor_WrongCode(t *testing.T) {
	b := openSealed(t)
	a := b.app(b.staff("ada"))
	for _, wrong := range []string{"", "000", "12345678", "abc", strings.Repeat("9", 10_000), "a\xffb\x00", a.codes[0][:20]} {
		_, err := b.enter(b.ticket("ada"), wrong)
		wantErr(t, "a wrong code", err, account.ErrCode)
		e := b.newest()
		if e.Action != account.ActionSignInFailed || e.Object != "ada" || e.Actor.Name != "" || e.Actor.Address != "192.0.2.1" || !slices.Equal(e.Fields, []string{"second_factor"}) {
			t.Errorf("entry %+v", e)
		}
	}
	in, err := b.enter(b.ticket("ada"), b.code(a))
	if err != nil || in.WrongCodes != 7 {
		t.Fatalf("SecondFactor = %+v, %v; want that there were 7 wrong codes", in, err)
	}
	b.clock.Advance(time.Minute)
	if in, err = b.enter(b.ticket("ada"), b.code(a)); err != nil || in.WrongCodes != 0 {
		t.Errorf("the next sign-in = %+v, %v; want no wrong codes", in, err)
	}
}

// Wrong codes count as failed sign-ins, and the right password does not take them back.
func TestSecondFactor_WrongCodesAreThrottled(t *testing.T) {
	b := openSealed(t)
	a := b.app(b.staff("ada"))
	ticket := b.ticket("ada")
	for range 10 {
		ticket = b.ticket("ada")
		_, err := b.enter(ticket, "000000x")
		wantErr(t, "a wrong code", err, account.ErrCode)
	}
	_, err := b.enter(ticket, b.code(a))
	var throttled *account.ThrottledError
	if !errors.As(err, &throttled) || throttled.RetryAfter <= 0 || throttled.RetryAfter > 5*time.Minute {
		t.Fatalf("the eleventh: %v; want a delay", err)
	}
	_, err = b.signIn("ada", goodPassword, "192.0.2.1")
	wantErr(t, "a sign-in", err, account.ErrThrottled)
}

// Beside guesses of their name a user in a new network waits once for both steps.
func TestSecondFactor_BesideGuesses(t *testing.T) {
	b := openSealed(t)
	a := b.app(b.staff("ada"))
	guess := func(want error) {
		for i := range 10 {
			_, err := b.signIn("ada", "wrong", fmt.Sprintf("198.51.100.%d", i))
			wantErr(t, "a guess", err, want)
		}
	}
	guess(account.ErrSignIn)
	_, err := b.signIn("ada", goodPassword, "192.0.2.1")
	var throttled *account.ThrottledError
	if !errors.As(err, &throttled) || !throttled.Reserved {
		t.Fatalf("the first step: %v; want a reserved try", err)
	}
	b.clock.Advance(throttled.RetryAfter)
	ticket := b.ticket("ada")
	guess(account.ErrThrottled)
	if _, err := b.enter(ticket, b.code(a)); err != nil {
		t.Errorf("the second step: %v", err)
	}
}

func TestSecondFactor_Tickets(t *testing.T) {
	ctx := t.Context()
	for what, spoil := range map[string]func(b *bench, u account.User, ticket *account.Ticket) error{
		"after five minutes": func(b *bench, _ account.User, _ *account.Ticket) error {
			b.clock.Advance(account.TicketLife)
			return nil
		},
		"of the future":   func(b *bench, _ account.User, _ *account.Ticket) error { b.clock.Advance(-2 * time.Minute); return nil },
		"the zero one":    func(_ *bench, _ account.User, of *account.Ticket) error { *of = account.Ticket{}; return nil },
		"of another user": func(_ *bench, _ account.User, of *account.Ticket) error { of.User = 99; return nil },
		"after a new password": func(b *bench, u account.User, _ *account.Ticket) error {
			return second(b.SetPassword(ctx, cli, u.ID, goodPassword))
		},
		"of a disabled user": func(b *bench, u account.User, _ *account.Ticket) error {
			return second(b.SetActive(ctx, cli, u.ID, false))
		},
		"after a reset": func(b *bench, u account.User, _ *account.Ticket) error {
			return second(b.ResetSecondFactors(ctx, cli, u.ID))
		},
		"after another app":     func(b *bench, u account.User, _ *account.Ticket) error { b.app(u); return nil },
		"after the app is gone": func(b *bench, u account.User, _ *account.Ticket) error { return second(b.RemoveTOTP(ctx, cli, u.ID)) },
		"of a deleted user":     func(b *bench, u account.User, _ *account.Ticket) error { return b.DeleteUsers(ctx, cli, u.ID) },
	} {
		b := openSealed(t)
		b.superuser("root")
		a := b.app(b.staff("ada"))
		ticket := b.ticket("ada")
		if err := spoil(b, a.user, &ticket); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		seq := b.newest().Seq
		for _, code := range []string{b.code(a), a.codes[0], "000000"} {
			_, err := b.enter(ticket, code)
			wantErr(t, "a ticket "+what, err, account.ErrTicket)
		}
		if b.newest().Seq != seq {
			t.Errorf("a ticket %s: entry %+v; want none", what, b.newest())
		}
	}
}
