package account_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/internal/account"
)

// Without its secret.key a server refuses the codes of apps like wrong ones and says why in
// its log. All else works, and a restored key brings the codes back.
func TestSecondFactor_SecretKeyLost(t *testing.T) {
	for what, key := range map[string][]byte{"another one": []byte("another key of thirty-two bytes "), "none": nil} {
		b := openSealed(t)
		a := b.app(b.staff("ada"))
		var log bytes.Buffer
		b.cfg.SecretKey, b.cfg.Logger = key, slog.New(slog.NewTextHandler(&log, nil))
		b = b.reopen()
		code := b.code(a)
		_, err := b.enter(b.ticket("ada"), code)
		wantErr(t, "a code with "+what, err, account.ErrCode)
		if says := log.String(); !strings.Contains(says, "user=ada") || !strings.Contains(says, "secret.key") || strings.Contains(says, code) {
			t.Errorf("%s: the log has %q; want the user and the cure", what, says)
		}
		if n, err := b.UnreadableApps(t.Context()); n != 1 || err != nil {
			t.Errorf("%s: UnreadableApps = %d, %v; want 1", what, n, err)
		}
		if f := must(b.SecondFactors(t.Context(), a.user.ID)); !f.TOTP || !f.Unreadable {
			t.Errorf("%s: SecondFactors = %+v; want an app that cannot be read", what, f)
		}
		if _, err := b.enter(b.ticket("ada"), a.codes[0]); err != nil {
			t.Errorf("%s: a recovery code: %v", what, err)
		}
		if _, err := b.SetUpTOTP(t.Context(), cli, a.user.ID, "test"); (err == nil) != (key != nil) || err != nil && !errors.Is(err, account.ErrNoSecretKey) {
			t.Errorf("%s: SetUpTOTP: %v", what, err)
		}
		b.cfg.SecretKey = secretKey
		b = b.reopen()
		if _, err := b.enter(b.ticket("ada"), code); err != nil {
			t.Errorf("%s: a code after the key was restored: %v", what, err)
		}
		b.cfg.SecretKey = []byte("another key of thirty-two bytes ")
		b = b.reopen()
		again := b.app(a.user)
		if _, err := b.enter(b.ticket("ada"), b.code(again)); err != nil {
			t.Errorf("%s: an app that was set up again: %v", what, err)
		}
	}
}

// A secret that was moved to another user in the database cannot be read there.
func TestSecondFactor_SecretOfAnotherUser(t *testing.T) {
	b := openSealed(t)
	ada, eve := b.app(b.staff("ada")), b.app(b.staff("eve"))
	if err := b.CopySecret(eve.user.ID, ada.user.ID); err != nil {
		t.Fatal(err)
	}
	for _, of := range []app{ada, eve} {
		_, err := b.enter(b.ticket("ada"), b.code(of))
		wantErr(t, "a code with another user's secret", err, account.ErrCode)
	}
}

// After 100 wrong codes the app no longer counts, until a sign-in by other means.
func TestSecondFactor_TooManyWrongCodes(t *testing.T) {
	b := openSealed(t)
	var log bytes.Buffer
	b.cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	b = b.reopen()
	a := b.app(b.staff("ada"))
	guess := func(n int) {
		t.Helper()
		for i := range n {
			if i%10 == 0 {
				b.clock.Advance(account.TicketLife)
			}
			_, err := b.enter(b.ticket("ada"), "wrong")
			wantErr(t, "a wrong code", err, account.ErrCode)
		}
		b.clock.Advance(account.TicketLife)
	}
	guess(99)
	if in, err := b.enter(b.ticket("ada"), b.code(a)); err != nil || in.WrongCodes != 99 {
		t.Fatalf("a code after 99 wrong ones: %d, %v; want it to count", in.WrongCodes, err)
	}
	guess(100)
	log.Reset()
	_, err := b.reopen().enter(b.ticketOf(a), b.code(a))
	wantErr(t, "a code after 100 wrong ones", err, account.ErrCode)
	if !strings.Contains(log.String(), "user=ada") || !strings.Contains(log.String(), "100 wrong codes") {
		t.Errorf("the log has %q; want the reason", log.String())
	}
	b = openWith(t, b.cfg, b.clock)
	if f := must(b.SecondFactors(t.Context(), a.user.ID)); !f.Blocked {
		t.Errorf("SecondFactors = %+v; want a blocked app", f)
	}
	if in, err := b.enter(b.ticket("ada"), a.codes[0]); err != nil || in.WrongCodes != 101 {
		t.Fatalf("a recovery code: %+v, %v; want to hear of 101 wrong codes", in, err)
	}
	b.clock.Advance(time.Minute)
	if _, err := b.enter(b.ticket("ada"), b.code(a)); err != nil {
		t.Errorf("a code after a sign-in by other means: %v", err)
	}
}

// ticketOf returns a ticket as the password gives it.
func (b *bench) ticketOf(a app) account.Ticket {
	return account.Ticket{User: a.user.ID, Epoch: a.user.Epoch, At: b.clock.Now()}
}

// Of many who enter the same code at the same time, on two servers, one signs in.
func TestSecondFactor_SameCodeOnTwoServers(t *testing.T) {
	b := openSealed(t)
	other := openWith(t, b.cfg, b.clock)
	a := b.app(b.staff("ada"))
	for round := range 10 {
		b.clock.Advance(account.TicketLife)
		ticket, code := b.ticket("ada"), b.code(a)
		if round%2 == 1 {
			code = a.codes[round]
		}
		var done sync.WaitGroup
		var errs [8]error
		for i := range errs {
			done.Go(func() { _, errs[i] = []*bench{b, other}[i%2].enter(ticket, code) })
		}
		done.Wait()
		in := 0
		for _, err := range errs {
			if err == nil {
				in++
			} else if !errors.Is(err, account.ErrCode) {
				t.Errorf("round %d: %v", round, err)
			}
		}
		if in != 1 {
			t.Fatalf("round %d: %d sign-ins with one code: %v", round, in, errs)
		}
	}
}

// On a full disk operators sign in with a code, once with each. When there is room, the
// database learns of all.
func TestSecondFactor_DiskFull(t *testing.T) {
	b := openSealed(t)
	a := b.app(b.staff("ada"))
	_, _ = b.enter(b.ticket("ada"), "wrong")
	b.fill()
	before := b.newest().Seq
	for _, code := range []string{b.code(a), a.codes[0]} {
		in, err := b.enter(b.ticket("ada"), code)
		if err != nil || in.WrongCodes != 1 {
			t.Fatalf("a sign-in on a full disk: %+v, %v", in, err)
		}
		for range 3 {
			_, err = b.enter(b.ticket("ada"), code)
			wantErr(t, "the same code again", err, account.ErrCode)
		}
	}
	b.clock.Advance(30 * time.Second)
	if _, err := b.enter(b.ticket("ada"), b.code(a)); err != nil {
		t.Errorf("the next code on a full disk: %v", err)
	}
	at := b.clock.Now()
	b.LimitFile(0)
	b.clock.Advance(time.Second)
	b.Tend()
	page, err := b.Entries(t.Context(), account.EntryQuery{After: before})
	if err != nil || len(page.Entries) != 9 {
		t.Errorf("%d entries, %v; want three sign-ins and six failures", len(page.Entries), err)
	}
	b = b.reopen()
	for _, code := range []string{b.codeAt(a, at), a.codes[0]} {
		_, err := b.enter(b.ticket("ada"), code)
		wantErr(t, "a used code after a restart", err, account.ErrCode)
	}
	if f := must(b.SecondFactors(t.Context(), a.user.ID)); f.RecoveryCodes != 9 || !b.user(a.user.ID).LastLogin.Equal(at) {
		t.Errorf("%+v, last sign-in %v; want 9 codes left, and %v", f, b.user(a.user.ID).LastLogin, at)
	}
}

// Wrong codes on a full disk count when there is room, but not those of a user who is gone.
func TestSecondFactor_WrongCodes_DiskFull(t *testing.T) {
	b := openSealed(t)
	a, gone := b.app(b.staff("ada")), b.app(b.staff("eve"))
	tickets := []account.Ticket{b.ticketOf(a), b.ticketOf(gone)}
	b.fill()
	for _, ticket := range tickets {
		for range 3 {
			_, err := b.enter(ticket, "wrong")
			wantErr(t, "a wrong code", err, account.ErrCode)
		}
	}
	b.LimitFile(0)
	if err := b.DeleteUsers(t.Context(), cli, gone.user.ID); err != nil {
		t.Fatal(err)
	}
	b.Tend()
	if in, err := b.reopen().enter(b.ticketOf(a), b.code(a)); err != nil || in.WrongCodes != 3 {
		t.Errorf("a sign-in with room: %d wrong codes, %v; want 3", in.WrongCodes, err)
	}
}

// Many who enter the same code on a full disk do not get around the memory of used ones.
func TestSecondFactor_SameCode_DiskFull(t *testing.T) {
	b := openSealed(t)
	a := b.app(b.staff("ada"))
	b.fill()
	ticket := b.ticket("ada")
	for _, code := range []string{b.code(a), a.codes[0]} {
		var done sync.WaitGroup
		var errs [5]error
		for i := range errs {
			done.Go(func() { _, errs[i] = b.enter(ticket, code) })
		}
		done.Wait()
		in := 0
		for _, err := range errs {
			if err == nil {
				in++
			}
		}
		if in != 1 {
			t.Errorf("%d sign-ins with one code: %v", in, errs)
		}
	}
}

// While a setup waits for its code, a full disk loses nothing.
func TestTOTP_DiskFull(t *testing.T) {
	b := openSealed(t)
	u := b.staff("ada")
	set := must(b.SetUpTOTP(t.Context(), cli, u.ID, "test"))
	b.fill()
	_, err := b.ConfirmTOTP(t.Context(), cli, set.Sealed, b.code(app{secret: set.Secret}))
	wantErr(t, "ConfirmTOTP", err, account.ErrFull)
	if b.user(u.ID).Factors.Any() {
		t.Error("half a factor is there")
	}
	b.LimitFile(0)
	if _, err := b.ConfirmTOTP(t.Context(), cli, set.Sealed, b.code(app{secret: set.Secret})); err != nil {
		t.Errorf("ConfirmTOTP with room: %v", err)
	}
}
