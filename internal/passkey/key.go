package passkey

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// A Key is what the server keeps of a passkey.
type Key struct {
	ID     []byte // of the passkey, at most 1,023 bytes
	Public []byte // the public key, as COSE encodes it
	Count  uint32 // of its signatures; 0: it does not count them
	Flags  byte   // of its last answer, as WebAuthn numbers them; that it verifies its user is of the first one
}

// VerifiesUser reports whether the passkey has verified its user when it was made, by a
// finger, a face or a PIN.
func (k Key) VerifiesUser() bool { return protocol.AuthenticatorFlags(k.Flags).HasUserVerified() }

// Synced reports whether the passkey has a copy elsewhere, such as in the account of the
// phone's maker.
func (k Key) Synced() bool { return protocol.AuthenticatorFlags(k.Flags).HasBackupState() }

// Decoy returns a key whose private half is thrown away. To check an answer against it takes
// as long as against a real one.
func Decoy() (Key, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Key{}, err
	}
	point, err := private.PublicKey.Bytes() // 4, x, y
	if err != nil {
		return Key{}, fmt.Errorf("key of no passkey: %w", err)
	}
	return Key{Public: coseP256(point[1:33], point[33:])}, nil
}

// coseP256 encodes a point of P-256 as COSE does for ES256: a map of kty, alg, crv, x and y.
func coseP256(x, y []byte) []byte {
	key := []byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}
	key = append(key, x...)
	key = append(key, 0x22, 0x58, 0x20)
	return append(key, y...)
}

// owner is a user as the library asks for one.
type owner struct{ User }

func (o owner) WebAuthnID() []byte          { return o.Handle }
func (o owner) WebAuthnName() string        { return o.Name }
func (o owner) WebAuthnDisplayName() string { return o.Name }

func (o owner) WebAuthnCredentials() []webauthn.Credential {
	all := make([]webauthn.Credential, len(o.Keys))
	for i, k := range o.Keys {
		all[i] = webauthn.Credential{
			ID: k.ID, PublicKey: k.Public, Flags: webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(k.Flags)),
			Authenticator: webauthn.Authenticator{SignCount: k.Count},
		}
	}
	return all
}

func keyOf(c *webauthn.Credential) Key {
	return Key{ID: c.ID, Public: c.PublicKey, Count: c.Authenticator.SignCount, Flags: byte(c.Flags.ProtocolValue())}
}
