package account_test

import (
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/passkey"
	"pagesession/internal/testkit/authenticator"
)

var site = passkey.Site{Host: "ops.example.org", Page: "https://ops.example.org"}

// A holder is a user with a passkey.
type holder struct {
	b     *bench
	user  account.User
	key   *authenticator.Passkey
	codes []string // recovery codes
}

// holder adds a passkey for a user, who has not signed in with it yet.
func (b *bench) holder(u account.User) *holder {
	b.t.Helper()
	h := &holder{b: b, user: u, key: authenticator.New(b.t, site.Page)}
	done, err := h.add(h.key, "Laptop")
	if err != nil {
		b.t.Fatalf("AddPasskey: %v", err)
	}
	h.user, h.codes = done.User, done.Codes
	return h
}

// setup begins to make a passkey.
func (h *holder) setup() (account.PasskeySetup, []byte) {
	h.b.t.Helper()
	h.b.clock.Advance(time.Millisecond) // no two begin at the same time
	set, options, err := h.b.SetUpPasskey(h.b.t.Context(), h.b.confirmed(h.user), site)
	if err != nil {
		h.b.t.Fatalf("SetUpPasskey: %v", err)
	}
	return set, options
}

func (h *holder) add(key *authenticator.Passkey, name string) (account.FactorChange, error) {
	h.b.t.Helper()
	set, options := h.setup()
	answer, err := key.Create(options)
	if err != nil {
		return account.FactorChange{}, err
	}
	return h.b.AddPasskey(h.b.t.Context(), console(h.user), set, answer, name)
}

// alone begins a sign-in by the passkey alone, and answers.
func (h *holder) alone() account.PasskeyStep {
	h.b.t.Helper()
	c, options, err := h.b.AskAnyPasskey(site)
	if err != nil {
		h.b.t.Fatalf("AskAnyPasskey: %v", err)
	}
	return account.PasskeyStep{Challenge: c, Answer: h.key.Get(options), Address: "192.0.2.1"}
}

// second begins the second step of a sign-in after the password, and answers.
func (h *holder) second() account.PasskeyStep {
	h.b.t.Helper()
	ticket := h.b.ticket(h.user.Username)
	c, options, err := h.b.AskPasskey(h.b.t.Context(), ticket, site)
	if err != nil {
		h.b.t.Fatalf("AskPasskey: %v", err)
	}
	return account.PasskeyStep{Ticket: ticket, Challenge: c, Answer: h.key.Get(options), Address: "192.0.2.1"}
}

// A way is one of the two ways to sign in with a passkey.
type way struct {
	name       string
	begin      func(*holder) account.PasskeyStep
	end        func(*bench, account.PasskeyStep) (account.SignIn, error)
	refused    string // the field of the entry about a refusal
	wrongCodes int    // as how many wrong codes two refusals count
}

func ways(t testing.TB) []way {
	return []way{
		{"alone", (*holder).alone, func(b *bench, in account.PasskeyStep) (account.SignIn, error) {
			return b.SignInByPasskey(t.Context(), in)
		}, "passkey", 0},
		{"second", (*holder).second, func(b *bench, in account.PasskeyStep) (account.SignIn, error) {
			return b.SecondPasskey(t.Context(), in)
		}, "second_factor", 2},
	}
}
