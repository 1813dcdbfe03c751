package account_test

import (
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// Two servers count together: failures, what a success takes back, what unlock forgets, and
// known networks and devices.
func TestShared_TwoServers(t *testing.T) {
	cfg, clock := sharing(t)
	b := openWith(t, cfg, clock)
	other := openWith(t, cfg, clock)
	ada := b.staff("ada")
	own := account.Device{User: ada.ID, ID: "d1"}
	for range 5 {
		b.fails(1, "ada", "192.0.2.1")
		other.fails(1, "ada", "192.0.2.1")
	}
	for _, s := range []*bench{b, other} {
		_, err := s.signIn("ada", goodPassword, "192.0.2.1")
		wantErr(t, "the eleventh try", err, account.ErrThrottled)
	}
	if _, n, err := other.Unlock(t.Context(), cli, ada.ID); err != nil || n != 10 {
		t.Errorf("Unlock on the other = %d, %v; want 10", n, err)
	}
	b.signsIn("ada", "192.0.2.1")
	// The other one knows the network now: strangers do not delay ada there.
	for range 5 {
		b.fails(1, "ada", "198.51.100.1")
		other.fails(1, "ada", "203.0.113.1")
	}
	_, err := other.signIn("ada", goodPassword, "192.0.2.77")
	wantErr(t, "a new network", err, account.ErrThrottled)
	other.signsIn("ada", "192.0.2.1")
	// A device has one count on both.
	for range 5 {
		for _, s := range []*bench{b, other} {
			_, err := s.signInOn(own, "ada", "wrong", "192.0.2.1")
			wantErr(t, "a failure on the device", err, account.ErrSignIn)
		}
	}
	_, err = b.signInOn(own, "ada", goodPassword, "198.51.100.9")
	wantErr(t, "a device with ten failures is none", err, account.ErrThrottled)
	clock.Advance(5 * time.Minute)
	if _, err := b.signInOn(own, "ada", goodPassword, "198.51.100.9"); err != nil {
		t.Errorf("five minutes later: %v", err)
	}
}

// While the counts are away no password is checked, and nothing is unlimited.
func TestShared_Away(t *testing.T) {
	server := testredis.New(t)
	store, err := redis.Open(t.Context(), redis.Config{Addresses: []string{server.Addr}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	cfg, clock := newConfig(t)
	cfg.SecretKey = []byte("the key of all servers, in 32 B.")
	cfg.Shared = inRedis{store.Table("sign-ins", account.MostShared), clock}
	b := openWith(t, cfg, clock)
	ada := b.staff("ada")
	b.fails(3, "ada", "192.0.2.1")
	server.Pause(t)
	for range 20 {
		_, err := b.signIn("ada", goodPassword, "192.0.2.1")
		wantErr(t, "a sign-in without counts", err, record.ErrUnavailable)
	}
	_, _, err = b.Unlock(t.Context(), cli, ada.ID)
	wantErr(t, "Unlock without counts", err, record.ErrUnavailable)
	server.Continue(t)
	eventually(t, "sign-ins go on", func() bool { _, err := b.signIn("ada", goodPassword, "192.0.2.1"); return err == nil })
}

// BenchmarkShared_Authenticate is a sign-in with a cheap hash, with counts in memory and in
// Redis.
func BenchmarkShared_Authenticate(b *testing.B) {
	for _, bm := range []struct {
		name string
		open func(testing.TB) (account.Config, *testkit.Clock)
	}{{"Memory", newConfig}, {"Redis", sharing}} {
		b.Run(bm.name, func(b *testing.B) {
			cfg, clock := bm.open(b)
			on := openWith(b, cfg, clock)
			on.staff("ada")
			for b.Loop() {
				on.signsIn("ada", "192.0.2.1")
			}
		})
	}
}
