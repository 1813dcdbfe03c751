package account_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// crashCycles is how often the child is killed.
const crashCycles = 25

// childEnv makes the test binary the child. Its value is the path of the file.
const childEnv = "PAGESESSION_TEST_ACCOUNTS"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		if err := crashChild(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if ends := os.Getenv(moveEnv); ends != "" {
		if err := moveChild(ends); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if path := os.Getenv(takeoverEnv); path != "" {
		if err := takeoverChild(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if path := os.Getenv(faultEnv); path != "" {
		if err := faultChild(path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	testkit.ShortWithout("^Test(Crash|.*_Time$|Argon2id|CheckPassword_Says|ImportDjango_(ARealProject|Twice)|ReadDjango_DamagedAnywhere)")
	code := m.Run()
	cluster.Close()
	redisServer.Close()
	os.Exit(code)
}

// crashChild changes two groups and a user until it is killed. Each round adds the user
// to a group and deletes the group, which also removes it from the user. It prints each
// answer.
func crashChild(path string) error {
	s, err := account.Open(context.Background(), at(path))
	if err != nil {
		return err
	}
	for i := must(s.Users(context.Background(), account.UserQuery{})).Total; ; i++ {
		name := fmt.Sprintf("user%d", i)
		g, err := s.CreateGroup(context.Background(), cli, account.Group{Name: "of-" + name, Permissions: account.Permissions()})
		if err != nil {
			return err
		}
		u := account.User{Username: name, Active: true, Staff: true, Groups: []uint64{g.ID}}
		if _, err := s.CreateUser(context.Background(), cli, u, goodPassword); err != nil {
			return err
		}
		fmt.Println("added", name)
		if err := s.DeleteGroups(context.Background(), cli, g.ID); err != nil {
			return err
		}
		fmt.Println("bare", name)
	}
}

// After a kill at any instant each change is complete, with its audit entry, or absent,
// and all changes that were answered are there.
func TestCrash_EachChangeIsWholeOrNotDone(t *testing.T) {
	crash(t, filepath.Join(t.TempDir(), "accounts.sqlite"))
}

func TestPostgres_Crash(t *testing.T) { crash(t, cluster.Server(t).Database(t)) }

// at is the configuration of a file, or of a database by its URL.
func at(place string) account.Config {
	cfg := account.Config{Path: place, Logger: discard}
	if strings.HasPrefix(place, "postgres") {
		cfg.URL = place
	}
	return cfg.Cheap()
}

func crash(t *testing.T, path string) {
	added, bare := map[string]bool{}, map[string]bool{}
	for cycle := range crashCycles {
		killChild(t, path, time.Duration(cycle)*2*time.Millisecond, added, bare)
		if filepath.IsAbs(path) {
			checkConsistency(t, path)
		}
		s, err := account.Open(t.Context(), at(path))
		if err != nil {
			t.Fatalf("cycle %d: Open: %v", cycle, err)
		}
		checkAnswered(t, s, added, bare)
		checkWhole(t, s)
		// Remove what the killed child left, so the next child can start.
		for _, g := range must(s.Groups(t.Context(), account.GroupQuery{})).Groups {
			if err := s.DeleteGroups(t.Context(), cli, g.ID); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			t.Fatalf("in cycle %d", cycle)
		}
	}
	if len(bare) < crashCycles {
		t.Errorf("only %d rounds were answered; this tests nothing", len(bare))
	}
}

// killChild kills a child a while after its second answer.
func killChild(t *testing.T, path string, after time.Duration, added, bare map[string]bool) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for answered := 0; lines.Scan(); answered++ {
		what, name, _ := strings.Cut(lines.Text(), " ")
		map[string]map[string]bool{"added": added, "bare": bare}[what][name] = true
		if answered == 2 {
			time.AfterFunc(after, func() { _ = child.Process.Kill() })
		}
	}
	_ = child.Wait() // killed
}

func checkConsistency(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatalf("after the kill: %v", err)
	}
	defer func() { _ = db.Close() }()
	for _, check := range []string{"PRAGMA integrity_check", "PRAGMA foreign_key_check"} {
		var said string
		if err := db.QueryRow(check).Scan(&said); err != nil && !errors.Is(err, sql.ErrNoRows) || err == nil && said != "ok" {
			t.Errorf("after the kill: %s says %q, %v", check, said, err)
		}
	}
}

func checkAnswered(t *testing.T, s *account.Store, added, bare map[string]bool) {
	t.Helper()
	for name := range added {
		u, err := s.UserByName(t.Context(), name)
		if err != nil {
			t.Errorf("%s was answered, and is lost", name)
		} else if bare[name] && len(u.Groups) > 0 {
			t.Errorf("%s lost the group, as was answered, and has it again", name)
		}
	}
}

// checkWhole looks for incomplete changes: a user in a missing group, an entry without
// its change, a change without its entry.
func checkWhole(t *testing.T, s *account.Store) {
	t.Helper()
	for _, u := range must(s.Users(t.Context(), account.UserQuery{})).Users {
		for _, id := range u.Groups {
			if _, err := s.Group(t.Context(), id); err != nil {
				t.Errorf("%s is in group %d, which is not there", u.Username, id)
			}
		}
		if page, err := s.History(t.Context(), account.KindUser, u.ID, 0); err != nil || len(page.Entries) != 1 {
			t.Errorf("%s: %d entries, %v; want one", u.Username, len(page.Entries), err)
		}
	}
	for kind, have := range map[account.Kind]int{
		account.KindUser: must(s.Users(t.Context(), account.UserQuery{})).Total, account.KindGroup: must(s.Groups(t.Context(), account.GroupQuery{})).Total,
	} {
		if n := netAdded(t, s, kind); n != have {
			t.Errorf("%d of kind %s are there; the log says %d", have, kind, n)
		}
	}
}

// netAdded returns the number of objects according to the audit log.
func netAdded(t *testing.T, s *account.Store, kind account.Kind) (n int) {
	t.Helper()
	q := account.EntryQuery{Kind: kind, Limit: 1000}
	for {
		page, err := s.Entries(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entries {
			switch e.Action {
			case account.ActionAdd:
				n++
			case account.ActionDelete:
				n--
			}
		}
		if q.Before = page.Older; q.Before == 0 {
			return n
		}
	}
}

// What a crash has left half made is removed later, when no other start can be at it.
func TestOpen_RemovesHalfMadeFiles(t *testing.T) {
	removesHalfMade(t, "", "accounts.sqlite.new-1", "accounts.sqlite.new-1-wal", "accounts.db.new-1")
}

// A data folder of PostgreSQL has no file but the mark.
func TestPostgres_RemovesHalfMadeMarks(t *testing.T) {
	removesHalfMade(t, cluster.Server(t).Database(t), "accounts.db.new-1")
}

func removesHalfMade(t *testing.T, url string, names ...string) {
	f := &folder{t, t.TempDir(), url, new(bytes.Buffer)}
	for _, name := range names {
		f.write(name, []byte("half"))
	}
	f.age("*.new-*")
	young := names[len(names)-1] + "-young"
	f.write(young, []byte("half"))
	if err := f.open(); err != nil {
		t.Fatal(err)
	}
	left, _ := filepath.Glob(f.path("*.new-*"))
	if want := []string{f.path(young)}; !slices.Equal(left, want) {
		t.Errorf("left %q; want only %q, which is young", left, want)
	}
}

// age makes files an hour old.
func (f *folder) age(pattern string) {
	f.t.Helper()
	long := time.Now().Add(-time.Hour)
	paths, _ := filepath.Glob(f.path(pattern))
	for _, path := range paths {
		if err := os.Chtimes(path, long, long); err != nil {
			f.t.Fatal(err)
		}
	}
}
