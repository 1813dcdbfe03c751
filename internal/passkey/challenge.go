package passkey

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"pagesession/internal/fresh"
)

// Life is how long a challenge counts.
const Life = 5 * time.Minute

// patience is how long a browser waits for a person: less than Life, for the way back.
const patience = Life - 30*time.Second

// A Site is where passkeys are made and used.
type Site struct {
	Host string `json:"h"` // the name that passkeys belong to, without port
	Page string `json:"p"` // scheme, host and port, as the browser names them
}

// Allowed reports whether there can be passkeys at the site. Not so at a host name without a
// dot, other than localhost, and at one that browsers read as an IP address, such as 127.1.
func (s Site) Allowed() bool {
	_, err := s.library()
	return s.Host != "" && err == nil
}

// A Challenge is what a passkey has to sign. The caller keeps it where the browser cannot
// change it.
type Challenge struct {
	Site  Site      `json:"s"`
	Value []byte    `json:"v"` // random
	At    time.Time `json:"t"` // when it was made, in whole microseconds
}

// NewChallenge returns a challenge for a site. It counts from now until Life.
func NewChallenge(site Site, now time.Time) Challenge {
	value := make([]byte, 32)
	_, _ = rand.Read(value) // never fails
	return Challenge{site, value, now.UTC().Truncate(time.Microsecond)}
}

// Counts reports whether the challenge still counts.
func (c Challenge) Counts(now time.Time) bool {
	return len(c.Value) > 0 && fresh.Is(c.At, now, Life)
}

// A User is what passkeys hear of a user, and the keys that the user has.
type User struct {
	Handle []byte // says who it is, and nothing else; at most 64 bytes
	Name   string // that the browser shows
	Keys   []Key
}

// Creation returns the options for navigator.credentials.create in JSON. Authenticators
// that have one of the user's keys refuse.
func (c Challenge) Creation(u User) ([]byte, error) {
	options, _, err := c.creation(u)
	if err != nil {
		return nil, err
	}
	return json.Marshal(options.Response)
}

func (c Challenge) creation(u User) (*protocol.CredentialCreation, *webauthn.SessionData, error) {
	site, err := c.Site.library()
	if err != nil {
		return nil, nil, err
	}
	own := func(o *protocol.PublicKeyCredentialCreationOptions) error { o.Challenge = c.Value; return nil }
	return site.BeginRegistration(owner{u}, own,
		webauthn.WithExclusions(webauthn.Credentials(owner{u}.WebAuthnCredentials()).CredentialDescriptors()),
		webauthn.WithCredentialParameters(algorithms()))
}

// Request returns the options for navigator.credentials.get in JSON. For a user without
// keys any passkey of the site may answer.
func (c Challenge) Request(u User) ([]byte, error) {
	options, _, err := c.request(u, len(u.Keys) == 0)
	if err != nil {
		return nil, err
	}
	return json.Marshal(options.Response)
}

// request begins a use of a passkey. One that is used alone has to verify its user.
func (c Challenge) request(u User, alone bool) (*protocol.CredentialAssertion, *webauthn.SessionData, error) {
	site, err := c.Site.library()
	if err != nil {
		return nil, nil, err
	}
	options := []webauthn.LoginOption{webauthn.WithChallenge(c.Value), webauthn.WithUserVerification(protocol.VerificationPreferred)}
	if alone {
		options[1] = webauthn.WithUserVerification(protocol.VerificationRequired)
	}
	if len(u.Keys) == 0 {
		return site.BeginDiscoverableLogin(options...)
	}
	return site.BeginLogin(owner{u}, options...)
}

// library returns the library's side of a site. An extension that a password manager adds
// to its answer does no harm, because no extension is looked at.
func (s Site) library() (*webauthn.WebAuthn, error) {
	waits := webauthn.TimeoutConfig{Timeout: patience, TimeoutUVD: patience}
	w, err := webauthn.New(&webauthn.Config{
		RPID: s.Host, RPDisplayName: "pagesession console", RPOrigins: []string{s.Page},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred,
		},
		Timeouts:                          webauthn.TimeoutsConfig{Login: waits, Registration: waits},
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys of %q: %w", s.Host, err)
	}
	return w, nil
}

// algorithms are what all authenticators know at least one of, the best first.
func algorithms() (all []protocol.CredentialParameter) {
	for _, a := range []webauthncose.COSEAlgorithmIdentifier{webauthncose.AlgEdDSA, webauthncose.AlgES256, webauthncose.AlgRS256} {
		all = append(all, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: a})
	}
	return all
}
