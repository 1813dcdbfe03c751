package account_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// openGolden opens a copy of testdata/format-1.db. Every later version reads
// that file; see "File formats" in docs/ARCHITECTURE.md.
func openGolden(t *testing.T) (*bench, error) {
	t.Helper()
	c := testkit.NewClock()
	cfg := account.Config{Path: goldenCopy(t), Now: c.Now}.Cheap()
	s, err := account.Open(t.Context(), cfg)
	if err != nil {
		return &bench{t: t, cfg: cfg}, err
	}
	t.Cleanup(func() { _ = s.Close() })
	return &bench{s, t, cfg, c}, nil
}

func goldenCopy(t *testing.T) string {
	t.Helper()
	golden, err := os.ReadFile(filepath.Join("testdata", "format-1.db"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "accounts.db")
	if err := os.WriteFile(path, golden, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFormat_1IsReadWhole(t *testing.T) {
	b, err := openGolden(t)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join("testdata", "format-1.txt"))
	if err != nil {
		t.Fatal(err)
	}
	wanted := strings.Split(string(want), "\n")
	got := strings.Split(b.dump(), "\n")
	for i := range max(len(got), len(wanted)) {
		if i >= len(got) || i >= len(wanted) || got[i] != wanted[i] {
			t.Fatalf("line %d differs:\n%s\nwant\n%s", i+1, strings.Join(got[min(i, len(got)):], "\n"), strings.Join(wanted[min(i, len(wanted)):], "\n"))
		}
	}
	for _, name := range []string{"ada", "django@old"} {
		if _, err := b.signIn(name, goodPassword, "192.0.2.1"); err != nil {
			t.Errorf("%s signs in: %v", name, err)
		}
	}
	_, err = b.signIn("unusable", goodPassword, "192.0.2.1")
	wantErr(t, "a user without a password", err, account.ErrSignIn)
}

// dump returns the content of the file in lines.
func (b *bench) dump() string {
	var out strings.Builder
	for _, u := range must(b.Users(b.t.Context(), account.UserQuery{Sort: account.SortUsername})).Users {
		fmt.Fprintf(&out, "user %d %s <%s> %q %q active %t staff %t superuser %t usable %t joined %v last %v groups %v own %v epoch %d version %d\n",
			u.ID, u.Username, u.Email, u.FirstName, u.LastName, u.Active, u.Staff, u.Superuser, u.Usable, u.Joined, u.LastLogin,
			u.Groups, u.Permissions, u.Epoch, u.Version)
	}
	for _, g := range must(b.Groups(b.t.Context(), account.GroupQuery{})).Groups {
		fmt.Fprintf(&out, "group %d %s %v version %d members %d\n", g.ID, g.Name, g.Permissions, g.Version, g.Members)
	}
	page, err := b.Entries(b.t.Context(), account.EntryQuery{Limit: 1000})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, e := range page.Entries {
		fmt.Fprintf(&out, "entry %d %v by %d %q from %q via %s: %s %s %q %q %q %d\n", e.Seq, e.At, e.Actor.UserID, e.Actor.Name,
			e.Actor.Address, e.Actor.Via, e.Action, e.Kind, e.ObjectID, e.Object, e.Fields, e.Count)
	}
	return out.String()
}

// A newer format is refused with what to do, and the file stays unchanged.
func TestFormat_NewerIsRefusedUntouched(t *testing.T) {
	path := goldenCopy(t)
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte("2")) })
	if err != nil || db.Close() != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	_, err = account.Open(t.Context(), account.Config{Path: path})
	wantErr(t, "Open of a newer format", err, account.ErrNewerFormat)
	for _, part := range []string{path, "format 2", "up to 1", "use that version or a newer one"} {
		if err != nil && !strings.Contains(err.Error(), part) {
			t.Errorf("message %q lacks %q", err, part)
		}
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(after, before) {
		t.Error("Open changed a file that it refused")
	}
}
