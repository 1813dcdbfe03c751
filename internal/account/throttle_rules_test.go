package account_test

import (
	"fmt"
	"testing"
	"time"

	"pagesession/internal/account"
)

// fails signs in n times with a wrong password, which is checked each time.
func (b *bench) fails(n int, name, address string) {
	b.t.Helper()
	for range n {
		_, err := b.signIn(name, "wrong", address)
		wantErr(b.t, name+" from "+address, err, account.ErrSignIn)
	}
}

// signsIn signs in with the right password.
func (b *bench) signsIn(name, address string) account.User {
	b.t.Helper()
	u, err := b.signIn(name, goodPassword, address)
	if err != nil {
		b.t.Fatalf("%s from %s: %v", name, address, err)
	}
	return u
}

// A success clears its network's failures for its name. Those for other names stay, because
// they may be guesses, and so do the name's failures from other networks.
func TestThrottle_SuccessForgivesItsOwn(t *testing.T) {
	eachCounts(t, testThrottle_SuccessForgivesItsOwn)
}

func testThrottle_SuccessForgivesItsOwn(t *testing.T, b *bench) {
	b.staff("ada")
	b.staff("eve")
	for range 3 {
		b.fails(9, "ada", "192.0.2.1")
		b.signsIn("ada", "192.0.2.1")
	}
	// Eve tries passwords of another user from one address, and signs in as eve in between.
	b.fails(9, "bob", "192.0.2.66")
	b.signsIn("eve", "192.0.2.66")
	b.fails(1, "tom", "192.0.2.66")
	_, err := b.signIn("eve", goodPassword, "192.0.2.66")
	wantErr(t, "a network with 10 failures", err, account.ErrThrottled)
	// The name's own user does not give a stranger further guesses.
	b.fails(9, "ada", "198.51.100.1")
	b.signsIn("ada", "192.0.2.1")
	b.fails(1, "ada", "198.51.100.2")
	_, err = b.signIn("ada", "wrong", "198.51.100.3")
	wantErr(t, "an eleventh guess", err, account.ErrThrottled)
}

// Strangers delay strangers only: neither a network in which the user has signed in, also
// before a restart, nor a browser in which they have.
func TestThrottle_StrangersDelayOnlyThemselves(t *testing.T) {
	eachCounts(t, testThrottle_StrangersDelayOnlyThemselves)
}

func testThrottle_StrangersDelayOnlyThemselves(t *testing.T, b *bench) {
	ada := b.staff("ada")
	b.staff("eve")
	b.signsIn("ada", "192.0.2.1")
	b.signsIn("ada", "2001:db8:1:2::1")
	b = b.reopen()
	attack := func() {
		for i := range 10 {
			b.fails(1, "ada", fmt.Sprintf("198.51.100.%d", i))
		}
	}
	attack()
	for range 3 {
		_, err := b.signIn("ada", goodPassword, "203.0.113.1")
		wantErr(t, "a network where ada never signed in", err, account.ErrThrottled)
	}
	b.signsIn("ada", "192.0.2.1")
	b.signsIn("ada", "2001:db8:1:2:ffff::1")
	b.signsIn("eve", "203.0.113.1")
	own := account.Device{User: ada.ID, ID: "d1"}
	if _, err := b.signInOn(own, "ada", goodPassword, "203.0.113.2"); err != nil {
		t.Errorf("a known device: %v", err)
	}
	b.signsIn("ada", "203.0.113.2") // it made this network known
	// A network that has too many failures delays all in it, devices excepted.
	b.fails(10, "guess", "192.0.2.1")
	_, err := b.signIn("ada", goodPassword, "192.0.2.1")
	wantErr(t, "a network with 10 failures", err, account.ErrThrottled)
	if _, err := b.signInOn(own, "ada", goodPassword, "192.0.2.1"); err != nil {
		t.Errorf("a known device there: %v", err)
	}
}

// A device has its own count. With ten failures it counts as none, and so does it for
// another user.
func TestThrottle_Devices(t *testing.T) { eachCounts(t, testThrottle_Devices) }

func testThrottle_Devices(t *testing.T, b *bench) {
	ada := b.staff("ada")
	b.staff("eve")
	own, other := account.Device{User: ada.ID, ID: "d1"}, account.Device{User: ada.ID, ID: "d2"}
	for range 10 {
		_, err := b.signInOn(own, "ada", "wrong", "192.0.2.1")
		wantErr(t, "a failure", err, account.ErrSignIn)
	}
	b.fails(9, "ada", "192.0.2.1")
	_, err := b.signInOn(own, "ada", "wrong", "192.0.2.1")
	wantErr(t, "a device with 10 failures, as none", err, account.ErrSignIn)
	_, err = b.signInOn(own, "ada", goodPassword, "192.0.2.1")
	wantErr(t, "its network has 10, too", err, account.ErrThrottled)
	_, err = b.signInOn(other, "eve", goodPassword, "192.0.2.1")
	wantErr(t, "a device of another user", err, account.ErrThrottled)
	if _, err := b.signInOn(other, "ada", goodPassword, "192.0.2.1"); err != nil {
		t.Errorf("another device: %v", err)
	}
	for range 3 {
		for range 9 {
			_, err := b.signInOn(other, "ada", "wrong", "192.0.2.1")
			wantErr(t, "a failure", err, account.ErrSignIn)
		}
		if _, err := b.signInOn(other, "ada", goodPassword, "192.0.2.1"); err != nil {
			t.Fatalf("a success forgives a device: %v", err)
		}
	}
	b.clock.Advance(5 * time.Minute)
	if _, err := b.signInOn(own, "ada", goodPassword, "192.0.2.1"); err != nil {
		t.Errorf("five minutes later: %v", err)
	}
}

// Without a sign-in, an unknown name delays as one that exists.
func TestThrottle_UnknownNamesCountAlike(t *testing.T) {
	eachCounts(t, testThrottle_UnknownNamesCountAlike)
}

func testThrottle_UnknownNamesCountAlike(t *testing.T, b *bench) {
	b.staff("ada")
	for _, name := range []string{"ada", "unknown"} {
		for i := range 10 {
			b.fails(1, name, fmt.Sprintf("198.51.%d.1", len(name)*10+i))
		}
		_, err := b.signIn(name, "wrong", "203.0.113.1")
		wantErr(t, name, err, account.ErrThrottled)
	}
}

// Only the newest networks of a user are known.
func TestThrottle_KnownNetworksAreBounded(t *testing.T) {
	eachCounts(t, testThrottle_KnownNetworksAreBounded)
}

func testThrottle_KnownNetworksAreBounded(t *testing.T, b *bench) {
	b.staff("ada")
	for i := range 9 {
		b.signsIn("ada", fmt.Sprintf("192.0.2.%d", i))
	}
	for i := range 10 {
		b.fails(1, "ada", fmt.Sprintf("198.51.100.%d", i))
	}
	_, err := b.signIn("ada", goodPassword, "192.0.2.0")
	wantErr(t, "the oldest of nine networks", err, account.ErrThrottled)
	b.signsIn("ada", "192.0.2.1")
}
