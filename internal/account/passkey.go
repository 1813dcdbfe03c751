package account

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"pagesession/internal/passkey"
)

// mostPasskeys bounds the passkeys of a user: each is sent to the browser at a sign-in.
const mostPasskeys = 20

// LongestPasskeyName is the length of the longest name of a passkey, in characters.
const LongestPasskeyName = 100

// A Passkey is a passkey of a user, as it is listed.
type Passkey struct {
	ID       string // for addresses; it says nothing about the key
	Name     string
	Host     string // the host name that it belongs to; at others it does not work
	Alone    bool   // it verifies its user, so it can sign them in without a password
	Synced   bool   // there is a copy elsewhere, such as in the account of the phone's maker
	Added    time.Time
	LastUsed time.Time // zero: never
}

const passkeyColumns = "credential, user_id, rp_id, name, public_key, sign_count, flags, challenged, added, last_used"

// A passkeyRow is a row of the table.
type passkeyRow struct {
	Passkey
	credential string // the key of the row
	user       uint64
	key        passkey.Key
	challenged int64
}

// passkeys returns the passkeys of a query's end, such as "WHERE user_id = $1".
func (t tx) passkeys(end string, args ...any) (all []passkeyRow) {
	t.each("SELECT "+passkeyColumns+" FROM passkeys "+end, args, func(scan func(...any)) {
		var row passkeyRow
		var public string
		var count, flags int64
		var added, last sql.NullInt64
		scan(&row.credential, &row.user, &row.Host, &row.Name, &public, &count, &flags, &row.challenged, &added, &last)
		row.key = storedKey(row.credential, public, count, flags)
		row.ID, row.Alone, row.Synced = passkeyID(row.credential), row.key.VerifiesUser(), row.key.Synced()
		row.Added, row.LastUsed = timeOf(added), timeOf(last)
		all = append(all, row)
	})
	return all
}

// storedKey returns the key of a row. A damaged one fits no answer, and keeps no other
// passkey from its use; its user can still remove it.
func storedKey(credential, public string, count, flags int64) (k passkey.Key) {
	k.ID, _ = base64.RawURLEncoding.DecodeString(credential)
	if count != int64(uint32(count)) || flags != int64(byte(flags)) {
		return k
	}
	k.Public, _ = base64.RawURLEncoding.DecodeString(public)
	k.Count, k.Flags = uint32(count), byte(flags)
	return k
}

// passkeysOf returns the passkeys of a user, the oldest first.
func (t tx) passkeysOf(user uint64) []passkeyRow {
	return t.passkeys("WHERE user_id = $1 ORDER BY added, credential", user)
}

// passkeyID returns the name of a passkey in addresses.
func passkeyID(credential string) string {
	sum := sha256.Sum256([]byte(credential))
	return hex.EncodeToString(sum[:8])
}

// Passkeys returns the passkeys of a user, the oldest first. Errors: ErrUnavailable,
// ErrClosed.
func (s *Store) Passkeys(ctx context.Context, user uint64) ([]Passkey, error) {
	return read(ctx, s, func(t tx) (all []Passkey) {
		for _, row := range t.passkeysOf(user) {
			all = append(all, row.Passkey)
		}
		return all
	})
}

// handleLabel separates the handles from other hashes.
const handleLabel = "pagesession user of passkeys"

// handle returns what passkeys know of a user. It is the same on all servers that share the
// database, and after a move, and gives no name.
func (t tx) handle(user uint64) []byte {
	id := value[string](t, "SELECT value FROM meta WHERE name = 'id'")
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d", handleLabel, id, user))
	return sum[:]
}

// passkeyUser returns a user as passkeys know them, with their keys for a host. Browsers
// refuse a list that has a key without an id.
func (t tx) passkeyUser(u *member, host string) passkey.User {
	out := passkey.User{Handle: t.handle(u.ID), Name: u.Username}
	for _, row := range t.passkeysOf(u.ID) {
		if row.Host == host && len(row.key.ID) > 0 {
			out.Keys = append(out.Keys, row.key)
		}
	}
	return out
}
