package session

import (
	"crypto/sha256"

	"pagesession/storage/record"
)

// idLen is the length of what crypto/rand.Text returns, 130 random bits in base32. A
// test compares it with the standard library.
const idLen = 26

// maxIDs is how many different ids of a request are looked up. Each costs a read of
// the store, and a browser has no use for more.
const maxIDs = 4

// A Token has the session ids in a request's cookies, which prove whose session it is.
// The zero Token stands for a request without one. It holds secrets; keep it out of
// logs.
//
// A browser sends several cookies of one name if their paths or domains differ. Those
// without the form of an id are another program's and are ignored. Of the first four
// different ids, the one that is live counts. If several are live, none counts, because
// an attacker may have set one and the server cannot tell which. If none is live, the
// first one says how its session ended: browsers send the longest path first.
type Token struct {
	idKey
	good bool     // there is an id: idKey is set
	more *further // ids after the first; nil: none. It is never modified

	former bool // the ids came under the former name

	ambiguous bool // several ids were live, so good is false
	keep      bool // the browser may have a cookie that is live, which a removal would hit
}

// An idKey is an id and its key.
type idKey struct {
	id  [idLen]byte
	key record.Key
}

// further are the ids after a Token's first.
type further struct {
	n   int
	all [maxIDs - 1]idKey
}

// ParseToken returns the Token of a cookie's value. It accepts any text. A text that
// cannot be a session id names no session.
func ParseToken(value string) Token {
	var t Token
	t.Add([]byte(value))
	return t
}

// Add adds the value of one session cookie, and copies it. Call it for each session
// cookie of the request, in their order.
func (t *Token) Add(value []byte) {
	switch {
	case !wellFormed(value) || t.has(value):
	case t.good:
		t.addMore(value)
	default:
		t.good = true
		t.set(value)
	}
}

// AddFormer is Add for a cookie of [Policy.FormerCookieName]. Call it only if the token
// has no ids of the new name.
func (t *Token) AddFormer(value []byte) {
	t.former = true
	t.Add(value)
}

func (m *idKey) set(id []byte) {
	copy(m.id[:], id)
	m.key = sha256.Sum256(m.id[:])
}

// has reports whether the token has an id already.
func (t *Token) has(id []byte) bool {
	if t.good && string(t.id[:]) == string(id) {
		return true
	}
	for _, m := range t.further() {
		if string(m.id[:]) == string(id) {
			return true
		}
	}
	return false
}

// addMore copies the further ids, because copies of the token share them.
func (t *Token) addMore(id []byte) {
	if len(t.further()) == maxIDs-1 {
		t.keep = true
		return
	}
	grown := new(further)
	if t.more != nil {
		*grown = *t.more
	}
	grown.all[grown.n].set(id)
	grown.n++
	t.more = grown
}

func (t *Token) further() []idKey {
	if t.more == nil {
		return nil
	}
	return t.more.all[:t.more.n]
}

// came reports whether a cookie came that has the form of an id.
func (t *Token) came() bool { return t.good || t.ambiguous }

// Key returns the key of the session that the token names, live or not, and false
// when it names none. If the token has several ids, it is the key of the first; let
// [Policy.Resolve] find the one that counts.
func (t Token) Key() (record.Key, bool) { return t.key, t.good }

// wellFormed reports whether an id has the form that a Policy gives ids: 26
// characters A-Z and 2-7. Only such ids reach the store.
func wellFormed(id []byte) bool {
	if len(id) != idLen {
		return false
	}
	for _, b := range id {
		if (b < 'A' || b > 'Z') && (b < '2' || b > '7') {
			return false
		}
	}
	return true
}
