package account

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// testdata/accounts-v1.db has what format 1 may hold: hashes of all kinds, names that are
// equal only after Unicode normalization, gaps by deletions and by trimming, every action
// and an unknown one, texts with control characters. accounts-v1.txt lists it.
func TestAccountsV1_IsAsListed(t *testing.T) {
	copied := filepath.Join(t.TempDir(), "accounts.db")
	data, err := os.ReadFile(filepath.Join("testdata", "accounts-v1.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, data, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := bolt.Open(copied, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	want, err := os.ReadFile(filepath.Join("testdata", "accounts-v1.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.View(func(tx *bolt.Tx) error {
		if got := dumpOld(t, tx); got != string(want) {
			t.Errorf("the file has\n%s\nwant\n%s", got, want)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// dumpOld returns the content of a bbolt file, one line for each counter, user, group and
// entry.
func dumpOld(t *testing.T, tx *bolt.Tx) string {
	t.Helper()
	var out strings.Builder
	meta := tx.Bucket(metaBucket)
	fmt.Fprintf(&out, "meta format %s decoy %x\n", meta.Get(formatKey), meta.Get(decoyKey))
	for _, name := range [][]byte{usersBucket, groupsBucket, entriesBucket} {
		fmt.Fprintf(&out, "counter %s %d\n", name, tx.Bucket(name).Sequence())
	}
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	check(tx.Bucket(usersBucket).ForEach(func(k, v []byte) error {
		var u savedUser
		check(json.Unmarshal(v, &u))
		last := int64(0)
		if !u.LastLogin.IsZero() {
			last = u.LastLogin.UnixMicro()
		}
		fmt.Fprintf(&out, "user %d %q %q %q %q hash %q active %t staff %t superuser %t last %d joined %d epoch %d version %d groups %v own %v\n",
			number(k), u.Username, u.Email, u.FirstName, u.LastName, u.Hash, u.Active, u.Staff, u.Superuser, last, u.Joined.UnixMicro(),
			u.Epoch, u.Version, u.Groups, u.Permissions)
		return nil
	}))
	check(tx.Bucket(groupsBucket).ForEach(func(k, v []byte) error {
		var g Group
		check(json.Unmarshal(v, &g))
		fmt.Fprintf(&out, "group %d %q version %d %v\n", number(k), g.Name, g.Version, g.Permissions)
		return nil
	}))
	check(tx.Bucket(entriesBucket).ForEach(func(k, v []byte) error {
		e, err := decodeEntry(number(k), v)
		check(err)
		fmt.Fprintf(&out, "entry %d at %d by %d %q from %q via %q: %q %q %q %q %q %d\n", e.Seq, e.At.UnixMicro(), e.Actor.UserID, e.Actor.Name,
			e.Actor.Address, e.Actor.Via, e.Action, e.Kind, e.ObjectID, e.Object, e.Fields, e.Count)
		return nil
	}))
	return out.String()
}
