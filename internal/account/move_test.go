package account_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
)

// moveEnv makes the test binary copy a database. Its value has two URLs or paths, in lines.
const moveEnv = "PAGESESSION_TEST_ACCOUNTS_MOVE"

func moveChild(ends string) error {
	from, to, _ := strings.Cut(ends, "\n")
	_, err := account.Move(context.Background(), configOf(from), configOf(to))
	return err
}

// configOf is about the database of a URL or a path.
func configOf(name string) account.Config {
	if strings.Contains(name, "://") {
		return account.Config{URL: name}
	}
	return account.Config{Path: name}
}

// moved returns a folder with the golden accounts in SQLite and n more entries.
func moved(t *testing.T, n int) *folder {
	t.Helper()
	f := goldenFolder(t, "")
	s, err := account.Open(t.Context(), f.config())
	if err != nil {
		t.Fatal(err)
	}
	events := make([]account.Event, n)
	for i := range events {
		events[i] = account.Event{Action: account.ActionRevoke, Kind: account.KindSession, ObjectID: fmt.Sprint("key", i)}
	}
	if err := s.Audit(t.Context(), cli, events...); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return f
}

// There and back: both copies have everything, and servers can use them.
func TestMove_ThereAndBack(t *testing.T) {
	const more = 2500 // three batches
	from := moved(t, more)
	there := &folder{t, t.TempDir(), cluster.Server(t).Database(t), new(bytes.Buffer)}
	back := &folder{t, t.TempDir(), "", new(bytes.Buffer)}
	want := from.content()
	for _, step := range []struct{ from, to *folder }{{from, there}, {there, back}} {
		got, err := account.Move(t.Context(), step.from.config(), step.to.config())
		if err != nil {
			t.Fatal(err)
		}
		if got.Users != 14 || got.Groups != 4 || got.Entries < more || got.Before != 0 || got.Complete || strings.Contains(got.To, "@") {
			t.Errorf("Move = %+v; want 14 users, 4 groups and at least %d entries", got, more)
		}
		wantLines(t, "the copy", step.to.content(), want)
		if err := step.to.open(); err != nil {
			t.Errorf("Open of the copy: %v", err)
		}
		// A second run finds all done.
		if got, err := account.Move(t.Context(), step.from.config(), step.to.config()); err != nil || !got.Complete || got.Users != 14 {
			t.Errorf("Move again = %+v, %v; want nothing to copy", got, err)
		}
	}
	s, err := account.Open(t.Context(), back.config())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if u, err := s.Authenticate(t.Context(), account.Credentials{Username: "ada", Password: goodPassword, Address: "192.0.2.1"}); err != nil || u.ID != 2 {
		t.Errorf("a sign-in after two moves = %+v, %v", u, err)
	}
	if u, err := s.CreateUser(t.Context(), cli, account.User{Username: "new"}, goodPassword); err != nil || u.ID != 17 {
		t.Errorf("a new user = %d, %v; want id 17, since 16 was deleted", u.ID, err)
	}
}

// A move makes the mark of the data folder name the new place of the operators, so the one
// that is out of date is refused, both ways.
func TestMove_MarksTheFolder(t *testing.T) {
	file := moved(t, 0)
	there := &folder{t, file.dir, cluster.Server(t).Database(t), file.log}
	for range 2 { // the second run finds a complete copy
		if _, err := account.Move(t.Context(), file.config(), account.Config{URL: there.url}); err != nil {
			t.Fatal(err)
		}
		file.refuses("the file after a move", "are in PostgreSQL")
		if err := there.open(); err != nil {
			t.Errorf("PostgreSQL after a move: %v", err)
		}
	}
	if err := os.Remove(file.path("accounts.sqlite")); err != nil {
		t.Fatal(err)
	}
	file.refuses("a missing file", "are in PostgreSQL")
	if _, err := account.Move(t.Context(), there.config(), account.Config{Path: file.path("accounts.sqlite")}); err != nil {
		t.Fatal(err)
	}
	there.refuses("PostgreSQL after a move back", "start without --accounts")
	if err := file.open(); err != nil {
		t.Errorf("the file after a move back: %v", err)
	}
}

// Only an empty database, or the copy of the same one, is a target.
func TestMove_RefusesATarget(t *testing.T) {
	from, other := moved(t, 0), moved(t, 0)
	before := other.content()
	_, err := account.Move(t.Context(), from.config(), other.config())
	wantErr(t, "another database with operators", err, account.ErrOther)
	if other.content() != before {
		t.Error("a refusal changed the target")
	}
	to := &folder{t, t.TempDir(), "", new(bytes.Buffer)}
	if _, err := account.Move(t.Context(), from.config(), to.config()); err != nil {
		t.Fatal(err)
	}
	s, err := account.Open(t.Context(), to.config())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SetActive(t.Context(), cli, 2, false); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before = to.content()
	if _, err := account.Move(t.Context(), from.config(), to.config()); err == nil || !strings.Contains(err.Error(), "has changed since") {
		t.Errorf("a copy that has been used: %v; want a refusal", err)
	}
	if to.content() != before {
		t.Error("a refusal changed the copy")
	}
	missing := &folder{t, t.TempDir(), "", new(bytes.Buffer)}
	if _, err := account.Move(t.Context(), missing.config(), to.config()); err == nil || missing.has("accounts.sqlite") {
		t.Errorf("a missing source: %v; want a refusal and no new file", err)
	}
}

// A kill at any instant leaves a target that no server opens, or a complete one; the next
// run goes on, and removes what a kill has left half made once it is old.
func TestCrash_Move(t *testing.T) {
	from := moved(t, 4000)
	want := from.content()
	for name, to := range map[string]*folder{
		"SQLite":     {t, t.TempDir(), "", new(bytes.Buffer)},
		"PostgreSQL": {t, t.TempDir(), cluster.Server(t).Database(t), new(bytes.Buffer)},
	} {
		target := to.url
		if target == "" {
			target = to.path("accounts.sqlite")
		}
		half := 0
		for life := 50 * time.Millisecond; ; life += 150 * time.Millisecond {
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), moveEnv+"="+from.path("accounts.sqlite")+"\n"+target)
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			kill := time.AfterFunc(life, func() { _ = child.Process.Kill() })
			err := child.Wait()
			kill.Stop()
			if err == nil {
				break
			}
			if err := to.open(); err != nil && strings.Contains(err.Error(), "half filled") {
				half++
			}
			if life > time.Minute {
				t.Fatalf("%s: it never ends", name)
			}
		}
		from.write("accounts.db.new-1", []byte("half")) // as a kill in the middle of the mark leaves it
		from.age("*.new-*")
		got, err := account.Move(t.Context(), from.config(), to.config())
		if err != nil || !got.Complete {
			t.Errorf("%s: Move after all = %+v, %v; want it complete", name, got, err)
		}
		wantLines(t, name, to.content(), want)
		t.Logf("%s: %d kills left half a copy", name, half)
	}
	if left, _ := filepath.Glob(from.path("*")); len(left) != 3 {
		t.Errorf("the source's folder has %q", left)
	}
}

// A source whose log was trimmed between two runs is copied all the same.
func TestMove_GoesOnAfterATrim(t *testing.T) {
	from := moved(t, 2500)
	to := &folder{t, t.TempDir(), "", new(bytes.Buffer)}
	if err := account.HalfMove(t.Context(), from.config(), to.config()); err != nil {
		t.Fatal(err)
	}
	if err := to.open(); err == nil || !strings.Contains(err.Error(), "half filled") {
		t.Errorf("Open of half a copy: %v; want a refusal", err)
	}
	execute(t, from.path("accounts.sqlite"), "DELETE FROM entries WHERE id = 300")
	got, err := account.Move(t.Context(), from.config(), to.config())
	if err != nil || got.Before == 0 {
		t.Errorf("Move = %+v, %v; want it to go on", got, err)
	}
	wantLines(t, "the copy", to.content(), from.content())
}
