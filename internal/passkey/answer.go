package passkey

import (
	"crypto/subtle"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
)

// Made checks the answer of a passkey that was made for the user, and returns its key. The
// caller has checked that the challenge counts. Errors: ErrAnswer.
func (c Challenge) Made(u User, answer string) (Key, error) {
	if len(answer) > MaxAnswer {
		return Key{}, unfit(errors.New("it is too long"))
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return Key{}, unfit(err)
	}
	if err := unattested(parsed.Response.AttestationObject); err != nil {
		return Key{}, unfit(err)
	}
	site, err := c.Site.library()
	if err != nil {
		return Key{}, err
	}
	_, begun, err := c.creation(u)
	if err != nil {
		return Key{}, err
	}
	made, err := site.CreateCredential(owner{u}, *begun, parsed)
	if err != nil {
		return Key{}, unfit(err)
	}
	if len(made.PublicKey) > maxPublic {
		return Key{}, unfit(errors.New("its public key is too long"))
	}
	return keyOf(made), nil
}

// unattested refuses the statements of makers, which the options do not ask for: their formats are
// many, and the library would read them all. What remains is none, and a statement that
// the key signs for itself, which browsers pass on.
func unattested(o protocol.AttestationObject) error {
	_, certified := o.AttStatement["x5c"]
	switch protocol.AttestationFormat(o.Format) {
	case protocol.AttestationFormatNone:
		return nil
	case protocol.AttestationFormatPacked:
		if !certified {
			return nil
		}
	}
	return errors.New("it has an attestation")
}

// An Answer is what a browser brings of a passkey that was used. Until Check it proves
// nothing.
type Answer struct {
	parsed *protocol.ParsedCredentialAssertionData
}

// Read reads an answer. Errors: ErrAnswer.
func Read(answer string) (Answer, error) {
	if len(answer) > MaxAnswer {
		return Answer{}, unfit(errors.New("it is too long"))
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return Answer{}, unfit(err)
	}
	return Answer{parsed}, nil
}

// ID returns the id of the passkey.
func (a Answer) ID() []byte { return a.parsed.RawID }

// Handle returns the handle of the user that the passkey was made for; nil if the passkey
// keeps none.
func (a Answer) Handle() []byte { return a.parsed.Response.UserHandle }

// Check checks that a user's key has signed the challenge, and returns the key with its new
// count. The caller has checked that the challenge counts. A passkey that is used alone has to
// name its user and to verify them, now and when it was made: a person who finds a security
// key without a PIN can give it one. It takes as long for another user as for the right one.
// Errors: ErrAnswer, ErrCopied.
func (c Challenge) Check(a Answer, handle []byte, k Key, alone bool) (Key, error) {
	if alone && len(a.Handle()) == 0 {
		return Key{}, unfit(errors.New("it names no user"))
	}
	site, err := c.Site.library()
	if err != nil {
		return Key{}, err
	}
	named := User{Handle: a.Handle(), Keys: []Key{k}} // the library would stop early at another handle
	_, begun, err := c.request(named, alone)
	if err != nil {
		return Key{}, err
	}
	used, err := site.ValidateLogin(owner{named}, *begun, a.parsed)
	switch {
	case err != nil:
		return Key{}, unfit(err)
	case len(a.Handle()) > 0 && subtle.ConstantTimeCompare(a.Handle(), handle) != 1:
		return Key{}, unfit(errors.New("it names another user"))
	case alone && !k.VerifiesUser():
		return Key{}, unfit(errors.New("it did not verify its user when it was made"))
	case used.Authenticator.CloneWarning:
		return Key{}, ErrCopied
	}
	return keyOf(used), nil
}

func unfit(err error) error { return fmt.Errorf("%w: %w", ErrAnswer, err) }
