package account_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// eventually waits for something that the keeper does within a second or two.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(testkit.Patience); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %v", what, testkit.Patience)
		}
	}
}

// usable reports whether changes work.
func (b *bench) usable() bool {
	_, err := b.SetActive(b.t.Context(), cli, b.root.ID, true)
	return err == nil
}

// A file that is removed under the server is written again, with everything.
func TestFile_Vanishes(t *testing.T) {
	b := open(t)
	b.root = b.superuser("root")
	for _, part := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(b.cfg.Path + part); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the file is there again", func() bool { _, err := os.Stat(b.cfg.Path); return err == nil && b.usable() })
	b.staff("after")
	b = b.reopen()
	if _, err := b.UserByName(t.Context(), "after"); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	if _, err := b.signIn("root", goodPassword, "192.0.2.1"); err != nil {
		t.Errorf("root signs in after a restart: %v", err)
	}
}

// While its folder is gone, nothing can be changed, and there is no new file without
// operators. When the folder is back, or another one is there, everything goes on.
func TestFile_FolderMovesAway(t *testing.T) {
	for what, end := range map[string]func(folder, moved string) error{
		"it comes back":        func(folder, moved string) error { return os.Rename(moved, folder) },
		"there is another one": func(folder, _ string) error { return os.Mkdir(folder, 0o700) },
	} {
		b := open(t)
		b.root = b.superuser("root")
		folder := filepath.Dir(b.cfg.Path)
		moved := folder + "-moved"
		if err := os.Rename(folder, moved); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it is noticed", func() bool { _, err := b.Health(); return err != nil })
		has, err := b.HasSuperuser(t.Context())
		if wantErr(t, "HasSuperuser", err, account.ErrUnavailable); has {
			t.Error("a superuser out of nothing")
		}
		if err := end(folder, moved); err != nil {
			t.Fatal(err)
		}
		eventually(t, what, b.usable)
		if err := os.RemoveAll(moved); err != nil {
			t.Fatal(err)
		}
	}
}

// A file that replaces the open one is used within a second: a restored backup.
func TestFile_Replaced(t *testing.T) {
	b := open(t)
	b.root = b.superuser("root")
	backup := filepath.Join(t.TempDir(), "backup.sqlite")
	if err := b.Copy(backup); err != nil {
		t.Fatal(err)
	}
	later := b.staff("later")
	if err := os.Rename(backup, b.cfg.Path); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the backup is used", func() bool {
		_, err := b.User(t.Context(), later.ID)
		return errors.Is(err, account.ErrNotFound) && b.usable()
	})
}

// A file that is cut under the server closes the console until a backup is restored.
func TestFile_Cut(t *testing.T) {
	b := open(t)
	b.root = b.superuser("root")
	if err := b.Fill(100, 300); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "backup.sqlite")
	if err := b.Copy(backup); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(b.cfg.Path, 3*4096); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is noticed", func() bool {
		_, err := b.HasSuperuser(t.Context())
		return errors.Is(err, account.ErrUnavailable) && errors.Is(err, account.ErrDamaged)
	})
	eventually(t, "it is moved aside", func() bool { _, err := os.Stat(b.cfg.Path); return err != nil })
	if err := os.Rename(backup, b.cfg.Path); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the backup is used", b.usable)
}

// Editing with another program counts within a second.
func TestFile_EditedByHand(t *testing.T) {
	b := open(t)
	root := b.superuser("root")
	u := b.staff("ada")
	if _, ok := b.valid(u); !ok {
		t.Fatal("ada cannot go on")
	}
	execute(t, b.cfg.Path, "UPDATE users SET active = 0 WHERE username = 'ada'")
	b.clock.Advance(time.Second)
	if _, ok := b.valid(u); ok {
		t.Error("ada goes on after a second")
	}
	execute(t, b.cfg.Path, `INSERT INTO users (id, username, email, first_name, last_name, hash, active, staff, superuser, joined, epoch, version)
		VALUES (70, 'by-hand', '', '', '', '!', 1, 1, 0, 0, 1, 1)`)
	if made := b.staff("next"); made.ID != 71 {
		t.Errorf("the next user has id %d; want 71", made.ID)
	}
	if u := b.user(70); u.Username != "by-hand" || u.Usable {
		t.Errorf("the user that was added by hand: %+v", u)
	}
	_ = root
}

// damagedFiles is how many damaged files are opened.
const damagedFiles = 500

// A damaged file gives an error that says what to do, or what is in it is served as it
// was. It never gives a panic, a change that is undone, or a console without operators.
func TestFile_DamagedAnywhere(t *testing.T) {
	b := open(t)
	b.superuser("root")
	ada := b.staff("ada")
	if err := b.Fill(60, 600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.SetActive(t.Context(), cli, ada.ID, false); err != nil {
		t.Fatal(err)
	}
	last := b.newest()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(b.cfg.Path)
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	refused := 0
	for range damagedFiles {
		path := filepath.Join(t.TempDir(), "accounts.sqlite")
		what := damage(r, whole, path)
		if openDamaged(t, what, path, last) {
			refused++
		}
	}
	t.Logf("%d of %d were refused", refused, damagedFiles)
	if refused < damagedFiles/3 {
		t.Errorf("only %d of %d were refused; this tests little", refused, damagedFiles)
	}
}

// damage writes a damaged copy.
func damage(r *rand.Rand, whole []byte, path string) (what string) {
	const page = 4096
	b := append([]byte(nil), whole...)
	at := func() int { return r.IntN(len(b)/page) * page }
	switch r.IntN(4) {
	case 0:
		what = "flipped bits"
		for range 1 + r.IntN(64) {
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		}
	case 1:
		what = "cut"
		b = b[:r.IntN(len(b))]
	case 2:
		what = "zeroed pages"
		for range 1 + r.IntN(3) {
			from := at()
			clear(b[from : from+page])
		}
	default:
		what = "swapped pages"
		x, y := at(), at()
		for x == y {
			y = at()
		}
		swap := append([]byte(nil), b[x:x+page]...)
		copy(b[x:], b[y:y+page])
		copy(b[y:], swap)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		panic(err)
	}
	return what
}

// openDamaged uses the file as a server does, and reports whether it was refused.
func openDamaged(t *testing.T, what, path string, last account.Entry) bool {
	t.Helper()
	s, err := account.Open(t.Context(), account.Config{Path: path, Logger: discard}.Cheap())
	if errors.Is(err, account.ErrNewerFormat) { // a bit of the schema's number
		return true
	}
	if err != nil {
		t.Fatalf("%s: Open: %v", what, err)
	}
	defer func() { _ = s.Close() }() // damaged
	has, err := s.HasSuperuser(t.Context())
	if err != nil {
		if !errors.Is(err, account.ErrUnavailable) {
			t.Errorf("%s: HasSuperuser: %v; want ErrUnavailable", what, err)
		}
		return true
	}
	if !has {
		t.Errorf("%s: the superuser is gone in silence", what)
	}
	page, err := s.Entries(t.Context(), account.EntryQuery{Limit: 1000})
	if err == nil && (len(page.Entries) == 0 || page.Entries[0].Seq != last.Seq) {
		t.Errorf("%s: the last change is gone in silence", what)
	}
	_, err = s.CreateGroup(t.Context(), cli, account.Group{Name: "after"})
	return err != nil
}

// A large file is used while it is checked as a whole. Damage in its audit log closes the
// console for good, and not only until the next opening.
func TestFile_LargeAndDamaged(t *testing.T) {
	b := open(t)
	b.superuser("root")
	if err := b.Fill(0, 30_000); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(b.cfg.Path)
	if err != nil || len(content) <= account.MostChecked {
		t.Fatalf("%d bytes, %v; want more than %d", len(content), err, account.MostChecked)
	}
	page := len(content) / 2 / 4096 * 4096
	clear(content[page : page+4096])
	write(t, b.cfg.Path, content)
	b = openWith(t, b.cfg, b.clock)
	eventually(t, "it is moved aside", func() bool { _, err := os.Stat(b.cfg.Path); return err != nil })
	_, err = b.HasSuperuser(t.Context())
	wantErr(t, "HasSuperuser", err, account.ErrDamaged)
}

// Another program that reads for long delays no change, and the log is emptied when it is
// done. A file that vanishes meanwhile is written again with that change.
func TestFile_OpenReader(t *testing.T) {
	for _, vanishes := range []bool{false, true} {
		b := open(t)
		b.root = b.superuser("root")
		db, err := sql.Open("sqlite", b.cfg.Path)
		if err != nil {
			t.Fatal(err)
		}
		reader, err := db.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := reader.QueryRow("SELECT count(*) FROM users").Scan(&n); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		for i := range 3 {
			b.group(fmt.Sprint("group", i))
		}
		if took := time.Since(begin); took > 4*time.Second {
			t.Errorf("three changes took %v; they waited for the reader", took)
		}
		if vanishes {
			if err := os.Remove(b.cfg.Path); err != nil {
				t.Fatal(err)
			}
			eventually(t, "it is there again", func() bool { _, err := os.Stat(b.cfg.Path); return err == nil && b.usable() })
		}
		if err := errors.Join(reader.Rollback(), db.Close()); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the log is empty", func() bool { info, err := os.Stat(b.cfg.Path + "-wal"); return err != nil || info.Size() == 0 })
		if _, err := b.GroupByName(t.Context(), "group2"); err != nil {
			t.Errorf("vanishes %t: the last change: %v", vanishes, err)
		}
	}
}

// A counter that is damaged does not empty the audit log.
func TestFile_CounterJumps(t *testing.T) {
	b := open(t)
	b.superuser("root")
	if err := b.Fill(0, 300); err != nil {
		t.Fatal(err)
	}
	execute(t, b.cfg.Path, "UPDATE counters SET last = 5000000 WHERE name = 'entries'")
	if _, err := b.signIn("root", goodPassword, "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	page, err := b.Entries(t.Context(), account.EntryQuery{Limit: 1000})
	if err != nil || len(page.Entries) < 300 {
		t.Errorf("%d entries are left, %v", len(page.Entries), err)
	}
}
