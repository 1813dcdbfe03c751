package account_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/passkey"
	"pagesession/internal/testkit/authenticator"
)

// Alone, a passkey has to verify its user and to name them.
func TestPasskey_AloneVerifiesItsUser(t *testing.T) {
	for what, weaken := range map[string]func(*authenticator.Passkey){
		"unverified": func(p *authenticator.Passkey) { p.Flags = authenticator.Present },
		"no handle":  func(p *authenticator.Passkey) { p.Handle = nil },
	} {
		b := open(t)
		h := b.holder(b.staff("ada"))
		b.clock.Advance(time.Second)
		weaken(h.key)
		_, err := b.SignInByPasskey(t.Context(), h.alone())
		wantErr(t, what, err, account.ErrPasskey)
		if e := b.newest(); e.Action != account.ActionSignInFailed || e.Object != "ada" || !slices.Equal(e.Fields, []string{"passkey"}) {
			t.Errorf("%s: entry %+v", what, e)
		}
		if _, err := b.SecondPasskey(t.Context(), h.second()); err != nil {
			t.Errorf("%s, after the password: %v", what, err)
		}
	}
}

// A security key that was made without a PIN stays a second factor: its finder could set one.
func TestPasskey_VerifiedOnlyLater(t *testing.T) {
	b := open(t)
	h := &holder{b: b, user: b.staff("ada"), key: authenticator.New(t, site.Page)}
	h.key.Flags = authenticator.Present
	done, err := h.add(h.key, "Key")
	if err != nil {
		t.Fatal(err)
	}
	h.user = done.User
	b.clock.Advance(time.Second)
	h.key.Flags = authenticator.Present | authenticator.Verified
	for range 2 {
		_, err := b.SignInByPasskey(t.Context(), h.alone())
		wantErr(t, "alone", err, account.ErrPasskey)
		if _, err := b.SecondPasskey(t.Context(), h.second()); err != nil || b.listed(h.user)[0].Alone {
			t.Errorf("after the password: %v, %+v", err, b.listed(h.user))
		}
		b.clock.Advance(time.Second)
	}
}

// To check takes as long for an unknown passkey: up to the signature.
func TestPasskey_UnknownIsChecked(t *testing.T) {
	b := open(t)
	stranger := &holder{b: b, key: authenticator.New(t, site.Page)}
	stranger.key.Handle = make([]byte, 32)
	_, err := b.SignInByPasskey(t.Context(), stranger.alone())
	if !errors.Is(err, account.ErrPasskey) || !strings.Contains(err.Error(), "signature") {
		t.Errorf("an unknown passkey: %v; want ErrPasskey after a check of the signature", err)
	}
	if e := b.newest(); e.Action != account.ActionSignInFailed || e.Object != "" || !slices.Equal(e.Fields, []string{"passkey"}) {
		t.Errorf("entry %+v; want a failed sign-in of an unknown user", e)
	}
	for _, answer := range []string{"", "{}", strings.Repeat("x", passkey.MaxAnswer+1)} {
		in := stranger.alone()
		in.Answer = answer
		_, err := b.SignInByPasskey(t.Context(), in)
		wantErr(t, "a damaged answer", err, account.ErrPasskey)
	}
}

// Refusals delay their network, and no user elsewhere.
func TestPasskey_RefusalsAreThrottled(t *testing.T) {
	b := open(t)
	h := b.holder(b.staff("ada"))
	b.clock.Advance(time.Second)
	wrong := func(address string) error {
		in := h.alone()
		in.Address, in.Answer = address, "{}"
		return second(b.SignInByPasskey(t.Context(), in))
	}
	for range 10 {
		wantErr(t, "a wrong answer", wrong("203.0.113.7"), account.ErrPasskey)
	}
	in := h.alone()
	in.Address = "203.0.113.7"
	_, err := b.SignInByPasskey(t.Context(), in)
	var throttled *account.ThrottledError
	if !errors.As(err, &throttled) || throttled.RetryAfter <= 0 {
		t.Fatalf("the eleventh: %v; want a delay", err)
	}
	if e := b.newest(); e.Action != account.ActionThrottled || e.Object != "" {
		t.Errorf("entry %+v; want a delay of no user", e)
	}
	if in, err := b.SignInByPasskey(t.Context(), h.alone()); err != nil || in.ID != h.user.ID {
		t.Errorf("from another network: %v", err)
	}
	_, err = b.signIn("eve", "x", "203.0.113.7")
	wantErr(t, "a password from that network", err, account.ErrThrottled)
}

// Guesses of a password from many networks delay the name among strangers, but no passkey,
// and a passkey takes the failures of its network back.
func TestPasskey_IsNotDelayedByItsName(t *testing.T) {
	b := open(t)
	h := b.holder(b.staff("ada"))
	for i := range 10 {
		_, err := b.signIn("ada", "wrong", fmt.Sprintf("198.51.100.%d", i))
		wantErr(t, "a wrong password", err, account.ErrSignIn)
	}
	_, err := b.signIn("ada", goodPassword, "203.0.113.9")
	wantErr(t, "a password from a new network", err, account.ErrThrottled)
	b.clock.Advance(time.Second)
	in := h.alone()
	in.Address = "203.0.113.9"
	if _, err := b.SignInByPasskey(t.Context(), in); err != nil {
		t.Errorf("a passkey from there: %v", err)
	}
	_, err = b.signIn("ada", goodPassword, "203.0.113.9")
	wantErr(t, "a password from there, now known", err, account.ErrSecondFactor)
}
