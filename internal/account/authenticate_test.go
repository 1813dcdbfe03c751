package account_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/internal/account"
)

func TestAuthenticate_RightPassword(t *testing.T) {
	b := open(t)
	u := b.staff("ada")
	b.clock.Advance(time.Hour)
	got, err := b.signIn("ada", goodPassword, "192.0.2.7")
	if err != nil || got.ID != u.ID || !got.LastLogin.Equal(b.clock.Now()) {
		t.Fatalf("Authenticate = %+v, %v", got, err)
	}
	if got.Epoch != u.Epoch || got.Version != u.Version {
		t.Errorf("epoch %d, version %d after a login; want %d, %d", got.Epoch, got.Version, u.Epoch, u.Version)
	}
	e := b.newest()
	if e.Action != account.ActionSignIn || e.Actor != account.Console(u, "192.0.2.7") || !e.At.Equal(b.clock.Now()) {
		t.Errorf("entry %+v", e)
	}
	if !b.reopen().user(u.ID).LastLogin.Equal(b.clock.Now()) {
		t.Error("the last login is not on disk")
	}
}

func TestAuthenticate_AllRefusalsAreAlike(t *testing.T) {
	b := open(t)
	b.superuser("root")
	b.staff("ada")
	b.add(account.User{Username: "gone", Staff: true})
	b.add(account.User{Username: "guest", Active: true})
	none := b.staff("none")
	if err := b.SetHash(none.ID, "!nothing"); err != nil {
		t.Fatal(err)
	}
	for i, c := range [][2]string{
		{"ada", "wrong"}, {"Ada", goodPassword}, {"nobody", goodPassword}, {"gone", goodPassword}, {"guest", goodPassword},
		{"none", "!nothing"}, {"", ""}, {strings.Repeat("x", 10_000), goodPassword}, {"a\xffb", "x"}, {"ada", strings.Repeat("x", 100_000)},
	} {
		_, err := b.signIn(c[0], c[1], fmt.Sprintf("192.0.2.%d", i))
		if err == nil || err.Error() != account.ErrSignIn.Error() {
			t.Errorf("login %.20q: %v; want %v", c[0], err, account.ErrSignIn)
		}
		if e := b.newest(); e.Action != account.ActionSignInFailed || e.Actor.Name != "" || e.Actor.Address == "" {
			t.Errorf("login %.20q: entry %+v", c[0], e)
		}
	}
}

// The audit log keeps no unknown name: it may be a password in the wrong field.
func TestAuthenticate_UnknownNameIsNotLogged(t *testing.T) {
	b := open(t)
	if _, err := b.signIn("my secret password", "x", "192.0.2.1"); err == nil {
		t.Fatal("logged in")
	}
	if e := b.newest(); strings.Contains(fmt.Sprintf("%+v", e), "secret") {
		t.Errorf("entry %+v", e)
	}
}

// A password stays valid until it is changed.
func TestAuthenticate_PasswordsDoNotExpire(t *testing.T) {
	b := open(t)
	b.staff("ada")
	b.clock.Advance(10 * 365 * 24 * time.Hour)
	b.signsIn("ada", "192.0.2.1")
}

func TestAuthenticate_ThrottlesTheAccount(t *testing.T) { eachOpen(t, throttlesTheAccount) }

func throttlesTheAccount(t *testing.T, open func() *bench) {
	for _, name := range []string{"ada", "nobody"} {
		b := open()
		b.staff("ada")
		for i := range 10 {
			_, err := b.signIn(name, "wrong", fmt.Sprintf("192.0.2.%d", i))
			wantErr(t, "a failure", err, account.ErrSignIn)
			b.clock.Advance(time.Second)
		}
		_, err := b.signIn(name, goodPassword, "198.51.100.1")
		var throttled *account.ThrottledError
		if !errors.As(err, &throttled) || throttled.RetryAfter != 20*time.Second || !throttled.Reserved {
			t.Fatalf("%s: eleventh: %v; want a try reserved in 20s", name, err)
		}
		wantErr(t, "eleventh", err, account.ErrThrottled)
		if e := b.newest(); e.Action != account.ActionThrottled || e.Actor.Address != "198.51.100.1" {
			t.Errorf("entry %+v; want the lock", e)
		}
		seq := b.newest().Seq
		_, _ = b.signIn(name, goodPassword, "198.51.100.1")
		if b.newest().Seq != seq {
			t.Error("a lock is logged more than once")
		}
		b.clock.Advance(throttled.RetryAfter)
		if _, err = b.signIn(name, "wrong", "198.51.100.1"); !errors.Is(err, account.ErrSignIn) {
			t.Errorf("%s: after the wait: %v; want one try", name, err)
		}
	}
}

func TestAuthenticate_ThrottlesTheAddress(t *testing.T) { eachOpen(t, throttlesTheAddress) }

func throttlesTheAddress(t *testing.T, open func() *bench) {
	for name, address := range map[string]func(int) string{
		"IPv4":           func(int) string { return "192.0.2.1" },
		"IPv6 network":   func(i int) string { return fmt.Sprintf("2001:db8::%x", i) },
		"IPv4 over IPv6": func(i int) string { return []string{"192.0.2.1", "::ffff:192.0.2.1"}[i%2] },
	} {
		b := open()
		b.staff("ada")
		for i := range 10 {
			_, err := b.signIn(fmt.Sprint("guess", i), "wrong", address(i))
			wantErr(t, name, err, account.ErrSignIn)
		}
		_, err := b.signIn("ada", goodPassword, address(11))
		wantErr(t, name, err, account.ErrThrottled)
		if _, err := b.signIn("ada", goodPassword, "2001:db8:0:1::1"); err != nil {
			t.Errorf("%s: the neighbour's login: %v", name, err)
		}
	}
}

// Many tries at the same time do not get around the throttle.
func TestAuthenticate_ThrottleHoldsAgainstMany(t *testing.T) {
	eachCounts(t, throttleHoldsAgainstMany)
}

func throttleHoldsAgainstMany(t *testing.T, b *bench) {
	b.staff("ada")
	var wg sync.WaitGroup
	var mu sync.Mutex
	checked := 0
	for range 200 {
		wg.Go(func() {
			_, err := b.signIn("ada", "wrong", "192.0.2.1")
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, account.ErrSignIn) {
				checked++
			}
		})
	}
	wg.Wait()
	if checked > 10 {
		t.Errorf("%d passwords were checked; want at most 10", checked)
	}
}

// The right password is accepted after successes from the same address: many operators
// may share the address of a proxy.
func TestAuthenticate_ManyAtOnceAreNoFailures(t *testing.T) {
	b := open(t)
	b.staff("ada")
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			_, err := b.signIn("ada", goodPassword, "192.0.2.1")
			if err != nil && !errors.Is(err, account.ErrBusy) {
				t.Errorf("a right password at the same time as others: %v", err)
			}
		})
	}
	wg.Wait()
	if _, err := b.signIn("ada", goodPassword, "192.0.2.1"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestAuthenticate_BusyIsNoFailure(t *testing.T) {
	b := open(t)
	b.staff("ada")
	release := b.Occupy()
	for range 20 {
		_, err := b.signIn("ada", goodPassword, "192.0.2.1")
		wantErr(t, "a full queue", err, account.ErrBusy)
	}
	_, err := b.CreateUser(t.Context(), cli, account.User{Username: "late"}, goodPassword)
	wantErr(t, "CreateUser", err, account.ErrBusy)
	release()
	for {
		_, err := b.signIn("ada", goodPassword, "192.0.2.1")
		if err == nil {
			break
		}
		if !errors.Is(err, account.ErrBusy) {
			t.Fatalf("after the flood: %v; want nil", err)
		}
	}
}

// A disabled user with the right password is refused as fast as with a wrong one:
// no new hash is made.
func TestAuthenticate_NoHashForTheDisabled(t *testing.T) {
	b := open(t)
	root, ada := b.superuser("root"), b.superuser("ada")
	b.cfg = b.cfg.Dearer()
	b = b.reopen()
	if !b.Rehashes(ada.ID, goodPassword) {
		t.Error("no new hash for an outdated one")
	}
	if _, err := b.SetActive(t.Context(), console(root), ada.ID, false); err != nil {
		t.Fatal(err)
	}
	if b.Rehashes(ada.ID, goodPassword) {
		t.Error("a new hash for a disabled user")
	}
}

// Too many failures are delayed also if the audit log cannot be written.
func TestAuthenticate_ThrottledWithoutALog(t *testing.T) {
	b := open(t)
	b.superuser("ada")
	for range 10 {
		_, err := b.signIn("ada", "wrong", "192.0.2.1")
		wantErr(t, "a wrong password", err, account.ErrSignIn)
	}
	if err := b.Close(); err != nil { // nothing can be written any more
		t.Fatal(err)
	}
	_, err := b.signIn("ada", goodPassword, "192.0.2.1")
	wantErr(t, "one more", err, account.ErrThrottled)
}

func TestAuthenticate_RehashesWhatIsOutdated(t *testing.T) {
	b := open(t)
	u := b.staff("ada")
	old := b.HashOf(u.ID)
	b.cfg = b.cfg.Dearer()
	b = b.reopen()
	signIn := func() string {
		t.Helper()
		if _, err := b.signIn("ada", goodPassword, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		return b.HashOf(u.ID)
	}
	fresh := signIn()
	if fresh == old || !strings.HasPrefix(fresh, "$argon2id$v=19$m=16,t=2,p=1$") {
		t.Errorf("hash %q after the login; want the new parameters", fresh)
	}
	b = b.reopen()
	if signIn() != fresh {
		t.Error("a hash that is up to date was made again")
	}
	if got := b.user(u.ID); got.Epoch != u.Epoch {
		t.Error("the sessions ended because of a better hash")
	}
}

// The hash was made by Django 3.2: make_password(goodPassword).
func TestAuthenticate_UpgradesDjangosHash(t *testing.T) {
	b := open(t)
	u := b.staff("ada")
	const django = "pbkdf2_sha256$1000$saltysalt$mFrNkv5iSGH91rz48G6wvz9xKZihQ03KmTZTWR8gDAo="
	if err := b.SetHash(u.ID, django); err != nil {
		t.Fatal(err)
	}
	_, err := b.signIn("ada", "wrong", "192.0.2.1")
	wantErr(t, "wrong password", err, account.ErrSignIn)
	if b.HashOf(u.ID) != django {
		t.Error("a failure changed the hash")
	}
	for range 2 {
		if _, err := b.signIn("ada", goodPassword, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
	}
	if h := b.HashOf(u.ID); !strings.HasPrefix(h, "$argon2id$") {
		t.Errorf("hash %q; want it upgraded", h)
	}
}
