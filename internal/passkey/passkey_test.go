package passkey_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"pagesession/internal/passkey"
	"pagesession/internal/testkit/authenticator"
)

var site = passkey.Site{Host: "ops.example.org", Page: "https://ops.example.org:8443"}

var at = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// A ceremony is a user with a passkey, in the middle of using it.
type ceremony struct {
	t    *testing.T
	user passkey.User
	key  *authenticator.Passkey
	has  passkey.Key // what the server keeps
	now  passkey.Challenge
}

// begin makes a passkey and the challenge of its first use.
func begin(t *testing.T) *ceremony {
	t.Helper()
	c := &ceremony{t: t, user: passkey.User{Handle: []byte("handle of ada"), Name: "ada"}, key: authenticator.New(t, site.Page)}
	made := passkey.NewChallenge(site, at)
	answer, err := c.key.Create(c.creation(made))
	if err != nil {
		t.Fatal(err)
	}
	if c.has, err = made.Made(c.user, answer); err != nil {
		t.Fatalf("Made: %v", err)
	}
	c.now = passkey.NewChallenge(site, at)
	return c
}

func (c *ceremony) creation(of passkey.Challenge) []byte {
	c.t.Helper()
	options, err := of.Creation(c.user)
	if err != nil {
		c.t.Fatalf("Creation: %v", err)
	}
	return options
}

func (c *ceremony) request(keys ...passkey.Key) []byte {
	c.t.Helper()
	u := c.user
	u.Keys = keys
	options, err := c.now.Request(u)
	if err != nil {
		c.t.Fatalf("Request: %v", err)
	}
	return options
}

// use checks the passkey's answer to the present challenge.
func (c *ceremony) use(alone bool) (passkey.Key, error) {
	c.t.Helper()
	answer, err := passkey.Read(c.key.Get(c.request()))
	if err != nil {
		c.t.Fatalf("Read: %v", err)
	}
	return c.now.Check(answer, c.user.Handle, c.has, alone)
}

func TestCheck_AcceptsItsUser(t *testing.T) {
	for _, alone := range []bool{true, false} {
		c := begin(t)
		used, err := c.use(alone)
		if err != nil || used.Count != 1 || !bytes.Equal(used.ID, c.key.ID) || !bytes.Equal(used.Public, c.has.Public) {
			t.Errorf("Check(alone %t) = %+v, %v; want the key with count 1", alone, used, err)
		}
		if !c.has.VerifiesUser() || c.has.Synced() {
			t.Errorf("flags %08b; want a passkey that verifies its user and has no copy", c.has.Flags)
		}
	}
}

// Each of these is an attack, or a browser that does not follow the options.
func TestCheck_Refuses(t *testing.T) {
	attacks := map[string]func(c *ceremony){
		"another origin":             func(c *ceremony) { c.key.Page = "https://evil.example" },
		"another port":               func(c *ceremony) { c.key.Page = "https://ops.example.org:9443" },
		"http":                       func(c *ceremony) { c.key.Page = "http://ops.example.org:8443" },
		"another host":               func(c *ceremony) { c.key.Host = "evil.example" },
		"the domain above":           func(c *ceremony) { c.key.Host = "example.org" },
		"another challenge":          func(c *ceremony) { c.key.Challenge = strings.Repeat("A", 43) },
		"no person":                  func(c *ceremony) { c.key.Flags = authenticator.Verified },
		"the key of another passkey": func(c *ceremony) { c.has.Public = begin(c.t).has.Public },
		"another passkey":            func(c *ceremony) { c.key.ID = []byte("another id of a passkey") },
		"another user":               func(c *ceremony) { c.key.Handle = []byte("handle of bob") },
		"a copy where none may be":   func(c *ceremony) { c.key.Flags |= authenticator.BackedUp },
		"it may be copied now":       func(c *ceremony) { c.key.Flags |= authenticator.Eligible },
	}
	for what, attack := range attacks {
		for _, alone := range []bool{true, false} {
			c := begin(t)
			attack(c)
			if _, err := c.use(alone); !errors.Is(err, passkey.ErrAnswer) {
				t.Errorf("%s (alone %t): %v; want ErrAnswer", what, alone, err)
			}
		}
	}
}

// After a password a security key without a PIN is enough. Alone it is not.
func TestCheck_AloneItVerifiesItsUser(t *testing.T) {
	c := begin(t)
	c.key.Flags = authenticator.Present
	if _, err := c.use(true); !errors.Is(err, passkey.ErrAnswer) {
		t.Errorf("an unverified user: %v; want ErrAnswer", err)
	}
	if _, err := c.use(false); err != nil {
		t.Errorf("an unverified user after a password: %v", err)
	}
	c = begin(t)
	c.has.Flags = authenticator.Present // when it was made: the finder of a key can set a PIN
	if _, err := c.use(true); !errors.Is(err, passkey.ErrAnswer) {
		t.Errorf("a user who is verified only now: %v; want ErrAnswer", err)
	}
	if used, err := c.use(false); err != nil || used.VerifiesUser() {
		t.Errorf("after a password: %+v, %v; want that it still signs in after a password only", used, err)
	}
	c = begin(t)
	c.key.Handle = nil
	if _, err := c.use(true); !errors.Is(err, passkey.ErrAnswer) {
		t.Errorf("no user: %v; want ErrAnswer", err)
	}
	if _, err := c.use(false); err != nil {
		t.Errorf("no user after a password: %v", err)
	}
}

func TestCheck_CountsSignatures(t *testing.T) {
	tests := []struct {
		had, next uint32
		counts    bool
		want      error
	}{
		{0, 0, false, nil}, // it does not count
		{5, 6, true, nil},
		{5, 5, true, passkey.ErrCopied},
		{5, 2, true, passkey.ErrCopied},
		{5, 0, false, passkey.ErrCopied}, // it has counted before
	}
	for _, tt := range tests {
		c := begin(t)
		c.has.Count, c.key.Counts, c.key.Count = tt.had, tt.counts, tt.next
		if tt.counts {
			c.key.Count--
		}
		used, err := c.use(true)
		if !errors.Is(err, tt.want) || err == nil && used.Count != tt.next {
			t.Errorf("count %d after %d: %d, %v; want %v", tt.next, tt.had, used.Count, err, tt.want)
		}
	}
}

func TestMade_Refuses(t *testing.T) {
	attacks := map[string]func(*authenticator.Passkey){
		"another origin":    func(p *authenticator.Passkey) { p.Page = "https://evil.example" },
		"another host":      func(p *authenticator.Passkey) { p.Host = "evil.example" },
		"another challenge": func(p *authenticator.Passkey) { p.Challenge = strings.Repeat("A", 43) },
		"no person":         func(p *authenticator.Passkey) { p.Flags = authenticator.Verified },
		"backed up only":    func(p *authenticator.Passkey) { p.Flags |= authenticator.BackedUp },
		"signed wrongly":    func(p *authenticator.Passkey) { p.Format, p.Statement = "packed", []byte("\xa2calg&csigA0") },
		"none with one":     func(p *authenticator.Passkey) { p.Statement = []byte("\xa2calg&csigA0") },
		"an id of 2 KB":     func(p *authenticator.Passkey) { p.ID = make([]byte, 2000) },
	}
	for what, attack := range attacks {
		c := begin(t)
		p := authenticator.New(t, site.Page)
		attack(p)
		answer, err := p.Create(c.creation(c.now))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.now.Made(c.user, answer); !errors.Is(err, passkey.ErrAnswer) {
			t.Errorf("%s: %v; want ErrAnswer", what, err)
		}
	}
}

// A maker's attestation is refused unread.
func TestMade_RefusesAttestation(t *testing.T) {
	for _, format := range []string{"packed", "tpm", "android-key", "android-safetynet", "fido-u2f", "apple", "compound", "other"} {
		c := begin(t)
		p := authenticator.New(t, site.Page)
		p.Format, p.Statement = format, []byte("\xa3calg&csigA0cx5c\x81A0")
		if format == "compound" {
			p.Statement = []byte{0x80} // an empty list
		}
		answer, err := p.Create(c.creation(c.now))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.now.Made(c.user, answer); !errors.Is(err, passkey.ErrAnswer) || !strings.HasSuffix(err.Error(), "it has an attestation") {
			t.Errorf("%s: %v; want ErrAnswer for the attestation", format, err)
		}
	}
}

// A password manager may answer with extensions that were not asked for.
func TestMade_IgnoresExtensions(t *testing.T) {
	c := begin(t)
	p := authenticator.New(t, site.Page)
	p.Extension = `{"credProps": {"rk": true}, "unknown": 1}`
	p.Flags |= authenticator.Eligible | authenticator.BackedUp
	answer, err := p.Create(c.creation(c.now))
	if err != nil {
		t.Fatal(err)
	}
	if k, err := c.now.Made(c.user, answer); err != nil || !k.Synced() {
		t.Errorf("Made = %+v, %v; want a passkey with a copy", k, err)
	}
}

func TestRead_Bounds(t *testing.T) {
	c := begin(t)
	for _, answer := range []string{"", "{}", "null", "[]", `{"id":"AA"}`, strings.Repeat(" ", passkey.MaxAnswer) + c.key.Get(c.request())} {
		if _, err := passkey.Read(answer); !errors.Is(err, passkey.ErrAnswer) {
			t.Errorf("Read(%.20q): %v; want ErrAnswer", answer, err)
		}
		if _, err := c.now.Made(c.user, answer); !errors.Is(err, passkey.ErrAnswer) {
			t.Errorf("Made(%.20q): %v; want ErrAnswer", answer, err)
		}
	}
}

// What a browser is asked for.
func TestOptions(t *testing.T) {
	c := begin(t)
	c.user.Keys = []passkey.Key{c.has}
	var made struct {
		Attestation string
		RP          struct{ ID, Name string }
		Selection   struct{ ResidentKey, UserVerification string } `json:"authenticatorSelection"`
		Exclude     []struct{ ID string }                          `json:"excludeCredentials"`
		Params      []struct{ Alg int }                            `json:"pubKeyCredParams"`
		Timeout     int
	}
	if err := json.Unmarshal(c.creation(c.now), &made); err != nil {
		t.Fatal(err)
	}
	if made.Attestation != "none" || made.RP.ID != site.Host || made.Selection.ResidentKey != "preferred" || made.Selection.UserVerification != "preferred" ||
		len(made.Exclude) != 1 || len(made.Params) != 3 || made.Timeout != 270_000 {
		t.Errorf("Creation = %+v", made)
	}
	if _, err := c.key.Create(c.creation(c.now)); !errors.Is(err, authenticator.ErrExcluded) {
		t.Errorf("the same authenticator again: %v; want ErrExcluded", err)
	}
	type request struct {
		UserVerification string
		Allow            []struct{ ID string } `json:"allowCredentials"`
	}
	var alone, second request
	if err := errors.Join(json.Unmarshal(c.request(), &alone), json.Unmarshal(c.request(c.has), &second)); err != nil {
		t.Fatal(err)
	}
	if alone.UserVerification != "required" || alone.Allow != nil || second.UserVerification != "preferred" || len(second.Allow) != 1 {
		t.Errorf("Request = %+v and %+v", alone, second)
	}
}

func TestChallenge_Counts(t *testing.T) {
	c := passkey.NewChallenge(site, at)
	for after, want := range map[time.Duration]bool{
		0: true, passkey.Life - 1: true, passkey.Life: false, -time.Minute: true, -time.Minute - 1: false,
	} {
		if got := c.Counts(at.Add(after)); got != want {
			t.Errorf("Counts after %v = %t; want %t", after, got, want)
		}
	}
	if (passkey.Challenge{At: at}).Counts(at) {
		t.Error("no challenge counts")
	}
	if other := passkey.NewChallenge(site, at); bytes.Equal(other.Value, c.Value) || len(c.Value) != 32 {
		t.Errorf("two challenges: %x and %x", c.Value, other.Value)
	}
}

// An answer is checked against the decoy as against a real key, up to the signature.
func TestDecoy_FailsAtTheSignature(t *testing.T) {
	c := begin(t)
	decoy, err := passkey.Decoy()
	if err != nil {
		t.Fatal(err)
	}
	decoy.ID = c.key.ID
	c.has = decoy
	if _, err := c.use(true); !errors.Is(err, passkey.ErrAnswer) || !strings.Contains(err.Error(), "signature") {
		t.Errorf("Check with the decoy: %v; want a wrong signature", err)
	}
}

// Addresses to which passkeys cannot belong.
func TestSite_Refuses(t *testing.T) {
	for _, host := range []string{"192.0.2.1", "ops.example.org:8443", "https://ops.example.org"} {
		c := passkey.NewChallenge(passkey.Site{Host: host, Page: site.Page}, at)
		if _, err := c.Request(passkey.User{}); err == nil {
			t.Errorf("Request for %q has no error", host)
		}
	}
}

func TestSite_Allowed(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "a.localhost": true, "ops.example.org": true, "xn--bcher-kva.example": true,
		"": false, "ops": false, "127.0.0.1": false, "127.1": false, "0x7f.1": false, "::1": false, "a..b": false, "bücher.example": false,
	} {
		if got := (passkey.Site{Host: host, Page: "https://" + host}).Allowed(); got != want {
			t.Errorf("Allowed at %q = %v; want %v", host, got, want)
		}
	}
}
