package account_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pagesession/internal/account"
)

// Refusals that must look alike are compared by what the fastest tenth of so many each took at
// most. They take turns in a random order, so other work on the machine slows all of them;
// medians would differ when it slows about half of the calls. The largest may be at most 1.4
// times the smallest one: a hash or a commit that is missing makes it more.
const (
	refusals  = 200
	tolerance = 1.4
)

// wantsSameTime fails if the times of these refusals differ by more than tolerance.
func (b *bench) wantsSameTime(t *testing.T, refuse map[string]func(i int) error, want error) {
	t.Helper()
	kinds, took := slices.Sorted(maps.Keys(refuse)), map[string][]time.Duration{}
	for i := range refusals {
		b.clock.Advance(account.TicketLife) // which also ends the delays
		for _, j := range rand.Perm(len(kinds)) {
			what := kinds[j]
			for b.Occupied() { // the hasher rests for as long as the last hash took
				time.Sleep(100 * time.Microsecond)
			}
			begin := time.Now()
			err := refuse[what](i)
			took[what] = append(took[what], time.Since(begin))
			wantErr(t, what, err, want)
		}
	}
	var fast []time.Duration
	for what, all := range took {
		slices.Sort(all)
		fast = append(fast, all[len(all)/10])
		t.Logf("%s: fastest tenth at most %v, median %v", what, all[len(all)/10], all[len(all)/2])
	}
	if low, high := slices.Min(fast), slices.Max(fast); float64(high) > tolerance*float64(low) {
		t.Errorf("refusals that must look alike take from %v to %v; want at most %v between them", low, high, tolerance)
	}
}

// The time of a refused password tells neither who exists nor who has a second factor.
func TestAuthenticate_Time(t *testing.T) {
	b := openSealed(t)
	b.cfg = b.cfg.Slow()
	b = b.reopen()
	b.superuser("root")
	b.staff("ada")
	b.app(b.staff("eve"))
	b.add(account.User{Username: "gone", Staff: true})
	refuse := map[string]func(int) error{}
	for what, name := range map[string]string{"unknown name": "nobody", "wrong password": "ada", "wrong password, second factor": "eve", "disabled": "gone"} {
		refuse[what] = func(i int) error {
			return second(b.signIn(name, "wrong", fmt.Sprintf("192.0.%d.%d", i%200, len(what))))
		}
	}
	b.wantsSameTime(t, refuse, account.ErrSignIn)
}

// The time of a refused code tells nothing about the user's second factors.
func TestSecondFactor_Time(t *testing.T) {
	b := openSealed(t)
	apps := map[string]app{}
	for _, name := range []string{"wrong", "recovery", "replay", "unreadable", "blocked"} {
		apps[name] = b.app(b.staff(name))
	}
	used := apps["recovery"].codes[0]
	if _, err := b.enter(b.ticketOf(apps["recovery"]), used); err != nil {
		t.Fatal(err)
	}
	if err := b.UseCodes(apps["replay"].user.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.CopySecret(apps["wrong"].user.ID, apps["unreadable"].user.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.CountWrongCodes(apps["blocked"].user.ID, 100); err != nil {
		t.Fatal(err)
	}
	codes := map[string]func() string{
		"wrong": func() string { return "000 000" }, "recovery": func() string { return used }, "replay": func() string { return b.code(apps["replay"]) },
		"unreadable": func() string { return b.code(apps["unreadable"]) }, "blocked": func() string { return b.code(apps["blocked"]) },
	}
	refuse := map[string]func(int) error{}
	for name, code := range codes {
		refuse[name] = func(i int) error {
			return second(b.SecondFactor(t.Context(), account.SecondStep{Ticket: b.ticketOf(apps[name]), Code: code(), Address: fmt.Sprintf("192.0.%d.%d", i%200, len(name))}))
		}
	}
	b.wantsSameTime(t, refuse, account.ErrCode)
}
