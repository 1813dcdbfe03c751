// Package authenticator is a passkey in software, for tests. It follows the options that a
// server sends, as a browser with an authenticator does, and a test can make it break each
// rule.
package authenticator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"testing"
)

// The flags of an answer.
const (
	Present  = 1 << iota // a person touched it
	_                    // unused
	Verified             // and proved who they are
	Eligible             // it may be copied to other devices
	BackedUp             // and is
	_                    // unused
	attested             // the answer has the key
)

// ErrExcluded is returned when the options exclude this passkey.
var ErrExcluded = errors.New("the authenticator has a passkey of this user already")

// A Passkey is a passkey with its browser. The fields are what its next answer says.
type Passkey struct {
	Page      string // scheme, host and port of the page
	Host      string // that it signs for; "" for the one in the options
	Challenge string // that it signs, in base64url; "" for the one in the options
	Flags     byte
	Count     uint32 // of signatures before the next one; stays 0 if Counts is false
	Counts    bool
	ID        []byte
	Handle    []byte // of the user that it was made for; nil is not sent
	Format    string // of the attestation
	Statement []byte // of the attestation, in CBOR; nil for an empty map
	Extension string // a client extension's result, in JSON; "" for {}

	t   testing.TB
	key *ecdsa.PrivateKey
}

// New returns a passkey that verifies its user, in a browser at a page, named as browsers do.
func New(t testing.TB, page string) *Passkey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id) // never fails
	return &Passkey{Page: page, Flags: Present | Verified, Counts: true, ID: id, Format: "none", t: t, key: key}
}

// options are the parts of both kinds of options that matter here.
type options struct {
	Challenge string `json:"challenge"`
	RPID      string `json:"rpId"`
	RP        struct {
		ID string `json:"id"`
	} `json:"rp"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	Exclude []struct {
		ID string `json:"id"`
	} `json:"excludeCredentials"`
}

func (p *Passkey) read(text []byte) (o options) {
	p.t.Helper()
	if err := json.Unmarshal(text, &o); err != nil {
		p.t.Fatalf("options %s: %v", text, err)
	}
	return o
}

// Create answers navigator.credentials.create with these options.
func (p *Passkey) Create(text []byte) (string, error) {
	p.t.Helper()
	o := p.read(text)
	for _, other := range o.Exclude {
		if other.ID == encode(p.ID) {
			return "", ErrExcluded
		}
	}
	p.Handle, _ = base64.RawURLEncoding.DecodeString(o.User.ID)
	data := slices.Concat(p.data(o.RP.ID, attested), make([]byte, 16), binary.BigEndian.AppendUint16(nil, uint16(len(p.ID))), p.ID, p.public())
	statement := p.Statement
	if statement == nil {
		statement = []byte{0xa0}
	}
	object := slices.Concat([]byte{0xa3}, textOf("fmt"), textOf(p.Format), textOf("attStmt"), statement, textOf("authData"), bytesOf(data))
	return p.answer(map[string]any{"clientDataJSON": encode(p.client("webauthn.create", o.Challenge)), "attestationObject": encode(object)}), nil
}

// Get answers navigator.credentials.get with these options.
func (p *Passkey) Get(text []byte) string {
	p.t.Helper()
	o := p.read(text)
	if p.Counts {
		p.Count++
	}
	data, client := p.data(o.RPID, 0), p.client("webauthn.get", o.Challenge)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(slices.Concat(data, hash[:]))
	signature, err := ecdsa.SignASN1(rand.Reader, p.key, digest[:])
	if err != nil {
		p.t.Fatal(err)
	}
	response := map[string]any{"clientDataJSON": encode(client), "authenticatorData": encode(data), "signature": encode(signature)}
	if p.Handle != nil {
		response["userHandle"] = encode(p.Handle)
	}
	return p.answer(response)
}

func (p *Passkey) answer(response map[string]any) string {
	p.t.Helper()
	extension := p.Extension
	if extension == "" {
		extension = "{}"
	}
	text, err := json.Marshal(map[string]any{
		"id": encode(p.ID), "rawId": encode(p.ID), "type": "public-key", "response": response,
		"authenticatorAttachment": "platform", "clientExtensionResults": json.RawMessage(extension),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// client is what the browser says of the page.
func (p *Passkey) client(kind, challenge string) []byte {
	if p.Challenge != "" {
		challenge = p.Challenge
	}
	text, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": p.Page, "crossOrigin": false})
	if err != nil {
		p.t.Fatal(err)
	}
	return text
}

// data is the fixed part of what the authenticator says.
func (p *Passkey) data(host string, more byte) []byte {
	if p.Host != "" {
		host = p.Host
	}
	hash := sha256.Sum256([]byte(host))
	return binary.BigEndian.AppendUint32(append(hash[:], p.Flags|more), p.Count)
}

// public is the public key as COSE encodes it.
func (p *Passkey) public() []byte {
	p.t.Helper()
	point, err := p.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		p.t.Fatal(err)
	}
	kind := []byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01} // kty EC2, alg ES256, crv P-256
	return slices.Concat(kind, []byte{0x21}, bytesOf(point[1:33]), []byte{0x22}, bytesOf(point[33:]))
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// textOf and bytesOf encode a text and bytes in CBOR.
func textOf(s string) []byte  { return append(head(0x60, len(s)), s...) }
func bytesOf(b []byte) []byte { return append(head(0x40, len(b)), b...) }

func head(kind byte, n int) []byte {
	switch {
	case n < 24:
		return []byte{kind | byte(n)}
	case n < 256:
		return []byte{kind | 24, byte(n)}
	default:
		return binary.BigEndian.AppendUint16([]byte{kind | 25}, uint16(n))
	}
}
