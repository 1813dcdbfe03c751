package account_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/passkey"
	"pagesession/internal/testkit/authenticator"
)

func TestPasskey_SignsIn(t *testing.T) {
	for _, way := range ways(t) {
		b := open(t)
		h := b.holder(b.staff("ada"))
		b.clock.Advance(time.Minute)
		in, err := way.end(b, way.begin(h))
		if err != nil || in.ID != h.user.ID || in.By != account.ByPasskey || in.RecoveryCodes != 10 || !in.LastLogin.Equal(b.clock.Now()) {
			t.Fatalf("%s: %+v, %v; want a sign-in of ada", way.name, in, err)
		}
		e := b.newest()
		if e.Action != account.ActionSignIn || e.Actor != account.Console(in.User, "192.0.2.1") || !slices.Equal(e.Fields, []string{"passkey"}) {
			t.Errorf("%s: entry %+v", way.name, e)
		}
		b = b.reopen()
		used := must(b.Passkeys(t.Context(), in.ID))
		if len(used) != 1 || !used[0].LastUsed.Equal(b.clock.Now()) || !b.user(in.ID).LastLogin.Equal(b.clock.Now()) {
			t.Errorf("%s: after a restart %+v", way.name, used)
		}
	}
}

// With a passkey the password alone signs no user in.
func TestPasskey_IsASecondFactor(t *testing.T) {
	b := open(t)
	h := b.holder(b.staff("ada"))
	_, err := b.signIn("ada", goodPassword, "192.0.2.1")
	var next *account.SecondFactorError
	if !errors.As(err, &next) || next.Factors != (account.Factors{Passkey: true}) {
		t.Fatalf("Authenticate = %v; want that a passkey is needed", err)
	}
	if in, err := b.enter(next.Ticket, h.codes[0]); err != nil || in.By != account.ByRecoveryCode {
		t.Errorf("a recovery code: %+v, %v", in, err)
	}
}

// Each of these answers signs no user in, and is in the audit log.
func TestPasskey_Refuses(t *testing.T) {
	attacks := map[string]func(b *bench, h *holder){
		"another page":      func(_ *bench, h *holder) { h.key.Page = "https://evil.example" },
		"another host":      func(_ *bench, h *holder) { h.key.Host = "evil.example" },
		"another challenge": func(_ *bench, h *holder) { h.key.Challenge = strings.Repeat("A", 43) },
		"no person":         func(_ *bench, h *holder) { h.key.Flags = authenticator.Verified },
		"a copy": func(b *bench, h *holder) {
			if _, err := b.SignInByPasskey(b.t.Context(), h.alone()); err != nil {
				b.t.Fatal(err)
			}
			b.clock.Advance(time.Second)
			h.key.Count = 0
		},
		"another user's handle": func(b *bench, h *holder) { h.key.Handle = b.holder(b.staff("eve")).key.Handle },
		"an unknown passkey": func(b *bench, h *holder) {
			handle := h.key.Handle
			h.key = authenticator.New(b.t, site.Page)
			h.key.Handle = handle
		},
		"a removed passkey": func(b *bench, h *holder) {
			other := authenticator.New(b.t, site.Page)
			if _, err := h.add(other, "Phone"); err != nil {
				b.t.Fatal(err)
			}
			if _, err := b.RemovePasskey(b.t.Context(), cli, h.user.ID, b.listed(h.user)[0].ID); err != nil {
				b.t.Fatal(err)
			}
		},
	}
	for what, attack := range attacks {
		for _, way := range ways(t) {
			b := open(t)
			h := b.holder(b.staff("ada"))
			b.clock.Advance(time.Second)
			attack(b, h)
			in := way.begin(h)
			_, err := way.end(b, in)
			wantErr(t, what+", "+way.name, err, account.ErrPasskey)
			e := b.newest()
			if copied := what == "a copy"; copied != errors.Is(err, passkey.ErrCopied) || copied != slices.Contains(e.Fields, "passkey_copied") {
				t.Errorf("%s, %s: %v, entry %+v", what, way.name, err, e)
			}
			if e.Action != account.ActionSignInFailed || e.Actor.Name != "" || e.Actor.Address != "192.0.2.1" {
				t.Errorf("%s, %s: entry %+v; want a failed sign-in", what, way.name, e)
			}
		}
	}
}

// An answer counts once, here and on other servers, and so do the answers to older
// challenges.
func TestPasskey_EachChallengeOnce(t *testing.T) {
	for _, way := range ways(t) {
		b := open(t)
		h := b.holder(b.staff("ada"))
		b.clock.Advance(time.Second)
		h.key.Counts = false // the count must not be what refuses
		older := way.begin(h)
		b.clock.Advance(time.Second)
		newer := way.begin(h)
		if _, err := way.end(b, newer); err != nil {
			t.Fatalf("%s: %v", way.name, err)
		}
		other := openWith(t, b.cfg, b.clock)
		for what, in := range map[string]account.PasskeyStep{"the same": newer, "an older one": older} {
			for _, server := range []*bench{b, other} {
				_, err := way.end(server, in)
				wantErr(t, way.name+", "+what, err, account.ErrPasskey)
			}
		}
		b.clock.Advance(time.Second)
		late := way.begin(h)
		b.clock.Advance(passkey.Life)
		_, err := way.end(b, late)
		wantErr(t, way.name+", late", err, account.ErrTicket)
		_, err = way.end(b, account.PasskeyStep{Ticket: late.Ticket, Answer: late.Answer})
		wantErr(t, way.name+", without a challenge", err, account.ErrTicket)
	}
}

// What was captured of one user does not sign another one in.
func TestPasskey_AnotherUsersPasskey(t *testing.T) {
	b := open(t)
	ada, eve := b.holder(b.staff("ada")), b.holder(b.staff("eve"))
	b.clock.Advance(time.Second)
	in := ada.second()
	in.Answer = eve.second().Answer
	_, err := b.SecondPasskey(t.Context(), in)
	wantErr(t, "the answer of eve's passkey", err, account.ErrPasskey)
	eve.key.Handle = nil
	c, options, err := b.AskPasskey(t.Context(), in.Ticket, site)
	if err != nil {
		t.Fatal(err)
	}
	in.Challenge, in.Answer = c, eve.key.Get(options)
	_, err = b.SecondPasskey(t.Context(), in)
	wantErr(t, "eve's passkey for ada's challenge", err, account.ErrPasskey)
}

// A passkey works only at its host, even with an authenticator that signs for any.
func TestPasskey_AnotherHost(t *testing.T) {
	b := open(t)
	h := b.holder(b.staff("ada"))
	b.clock.Advance(time.Second)
	other := passkey.Site{Host: "other.example", Page: "https://other.example"}
	c, options, err := b.AskAnyPasskey(other)
	if err != nil {
		t.Fatal(err)
	}
	h.key.Page = other.Page
	in := account.PasskeyStep{Challenge: c, Answer: h.key.Get(options), Address: "192.0.2.1"}
	_, err = b.SignInByPasskey(t.Context(), in)
	wantErr(t, "alone", err, account.ErrPasskey)
	in.Ticket, in.Answer = b.ticket("ada"), h.key.Get(options)
	_, err = b.SecondPasskey(t.Context(), in)
	wantErr(t, "after the password", err, account.ErrPasskey)
}

// The error and the entry of a user who may not sign in say no more than of an unknown
// passkey; the answer was right.
func TestPasskey_NotAllowed(t *testing.T) {
	for what, forbid := range map[string]func(b *bench, u account.User) error{
		"disabled": func(b *bench, u account.User) error { return second(b.SetActive(t.Context(), cli, u.ID, false)) },
		"not staff": func(b *bench, u account.User) error {
			u = b.user(u.ID)
			u.Staff = false
			return second(b.UpdateUser(t.Context(), cli, u))
		},
		"deleted": func(b *bench, u account.User) error { return b.DeleteUsers(t.Context(), cli, u.ID) },
	} {
		b := open(t)
		b.superuser("root")
		h := b.holder(b.staff("ada"))
		b.clock.Advance(time.Second)
		in := h.second()
		if err := forbid(b, h.user); err != nil {
			t.Fatal(err)
		}
		_, err := b.SecondPasskey(t.Context(), in)
		wantErr(t, what+", the second step", err, account.ErrTicket)
		_, err = b.SignInByPasskey(t.Context(), h.alone())
		wantErr(t, what, err, account.ErrPasskey)
		if e := b.newest(); e.Action != account.ActionSignInFailed || !slices.Equal(e.Fields, []string{"passkey"}) || e.Object == "" != (what == "deleted") {
			t.Errorf("%s: entry %+v", what, e)
		}
	}
}

func TestAskPasskey(t *testing.T) {
	b := open(t)
	h := b.holder(b.staff("ada"))
	ticket := b.ticket("ada")
	_, _, err := b.AskPasskey(t.Context(), ticket, passkey.Site{Host: "other.example", Page: "https://other.example"})
	wantErr(t, "at another host", err, account.ErrNoFactor)
	old := ticket
	old.Epoch++
	_, _, err = b.AskPasskey(t.Context(), old, site)
	wantErr(t, "with another epoch", err, account.ErrTicket)
	_, _, err = b.AskPasskey(t.Context(), account.Ticket{}, site)
	wantErr(t, "without a ticket", err, account.ErrTicket)
	b.clock.Advance(account.TicketLife)
	_, _, err = b.AskPasskey(t.Context(), ticket, site)
	wantErr(t, "late", err, account.ErrTicket)
	_, all, err := b.AskAnyPasskey(site)
	if err != nil || strings.Contains(string(all), "allowCredentials") || h.user.ID == 0 {
		t.Errorf("AskAnyPasskey = %s, %v; want no passkey named", all, err)
	}
}

// A full disk cannot record a sign-in. The passkey signs in all the same, and its answer
// still counts once.
func TestPasskey_DiskFull(t *testing.T) {
	for _, way := range ways(t) {
		b := open(t)
		h := b.holder(b.staff("ada"))
		h.key.Counts = false // the count must not be what refuses
		b.clock.Advance(time.Second)
		in := way.begin(h)
		b.fill()
		if out, err := way.end(b, in); err != nil || out.ID != h.user.ID {
			t.Fatalf("%s, on a full disk: %+v, %v", way.name, out, err)
		}
		_, err := way.end(b, in)
		wantErr(t, way.name+", again on the full disk", err, account.ErrPasskey)
		b.LimitFile(0)
		b.Tend()
		if e := b.newest(); e.Action != account.ActionSignInFailed || !slices.Equal(e.Fields, []string{way.refused}) {
			t.Errorf("%s: entry %+v; want the refusal, by %s", way.name, e, way.refused)
		}
		b = b.reopen()
		_, err = way.end(b, in)
		wantErr(t, way.name+", again after a restart", err, account.ErrPasskey)
		b.clock.Advance(time.Second)
		if out, err := b.SignInByPasskey(t.Context(), (&holder{b: b, user: h.user, key: h.key}).alone()); err != nil || out.WrongCodes != way.wrongCodes {
			t.Errorf("%s: the next sign-in: %d wrong codes, %v; want %d: none came without the password", way.name, out.WrongCodes, err, way.wrongCodes)
		}
		if used := b.listed(h.user)[0].LastUsed; used.IsZero() {
			t.Errorf("%s: the use is not recorded", way.name)
		}
	}
}
