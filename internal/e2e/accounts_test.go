package e2e

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"pagesession/internal/testkit"
	"pagesession/internal/testkit/postgres"
)

// oldPassword is that of all users in the accounts file of an earlier version.
const oldPassword = "correct horse battery"

// signIn returns the id of the operator's new session.
func (s *server) signIn(name, password string) string {
	s.t.Helper()
	r := s.post("/admin/login/", testkit.Header("Sec-Fetch-Site", "same-origin"), testkit.Form("username", name, "password", password))
	for _, c := range r.Cookies() {
		if c.Name == "adminid" {
			return c.Value
		}
	}
	s.t.Fatalf("%s cannot sign in: %d\n%s\n%s", name, r.StatusCode, r.Text, s.out)
	return ""
}

// asOperator sends the cookie of an operator's session.
func asOperator(id string) testkit.Option { return testkit.Header("Cookie", "adminid="+id) }

// accountsAway holds that visitors are served while the accounts cannot be used, and that
// each surface says what to do. path and cure are what the command "status" says.
func (s *server) accountsAway(operator, name, path, cure string) {
	s.t.Helper()
	s.faulty = true
	s.await("503 in the console", func() bool {
		return s.get("/admin/users/", asOperator(operator)).StatusCode == http.StatusServiceUnavailable
	})
	id := s.set(named("Pema"))
	s.get("/get/", cookie(id)).page(s.t, http.StatusOK, getTitle, "Pema")
	s.get("/readyz").Wants(http.StatusOK, "ready")
	s.get("/readyz?verbose").Wants(http.StatusOK, "ready", name+": unavailable since 2", cure)
	s.get("/admin/users/", asOperator(operator)).Wants(http.StatusServiceUnavailable, "Accounts unavailable", cure)
	s.get("/admin/login/").Wants(http.StatusServiceUnavailable, "Accounts unavailable", cure)
	if !strings.Contains(s.out.String(), `level=ERROR msg="the accounts database cannot be used`) {
		s.t.Errorf("no error in the log:\n%s", s.out)
	}
	st := runCommand(s.dir, nil, "status")
	if st.code != 0 || st.stderr != "" || !strings.Contains(st.stdout, "\n"+path+" is unavailable: ") || !strings.Contains(st.stdout, cure) {
		s.t.Errorf("status = %+v; want %s unavailable, the cause, and %q", st, path, cure)
	}
}

// accountsBack holds that the console works again by itself, also for an operator who had
// signed in before.
func (s *server) accountsBack(operator string) {
	s.t.Helper()
	s.await("a working console", func() bool { return s.get("/admin/users/", asOperator(operator)).StatusCode == http.StatusOK })
	s.get("/admin/users/", asOperator(s.signIn("ada", consolePassword))).page(s.t, http.StatusOK, "Users", "ada")
	if st := runCommand(s.dir, nil, "status"); st.code != 0 || strings.Contains(st.stdout, "unavailable") {
		s.t.Errorf("status = %+v; want the accounts ok", st)
	}
}

// oldAccounts makes a data folder of an earlier version, and returns its accounts file.
func oldAccounts(t *testing.T) (dir string, file []byte) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(root, "internal/account/testdata/format-1.db"))
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "accounts.db"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, file
}

// takenOver holds that the old file is kept, and that the mark in its place has a format
// that an earlier version refuses.
func takenOver(t *testing.T, dir string, old []byte) {
	t.Helper()
	if kept, err := os.ReadFile(filepath.Join(dir, "accounts.db.migrated")); err != nil || !bytes.Equal(kept, old) {
		t.Errorf("accounts.db.migrated differs from the old file: %v", err)
	}
	db, err := bolt.Open(filepath.Join(dir, "accounts.db"), 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	_ = db.View(func(tx *bolt.Tx) error {
		if meta := tx.Bucket([]byte("meta")); meta == nil || string(meta.Get([]byte("format"))) != "2" {
			t.Error("accounts.db is not the mark of format 2")
		}
		return nil
	})
}

// A data folder of an earlier version serves its operators with their passwords, and the
// audit log goes on. So does the next start.
func TestAccounts_TakenOver(t *testing.T) {
	t.Parallel()
	dir, old := oldAccounts(t)
	s := startIn(t, dir)
	id := s.signIn("root", oldPassword)
	s.get("/admin/users/", asOperator(id)).page(t, http.StatusOK, "Users", "ada", "django@old")
	s.get("/admin/log/", asOperator(id)).page(t, http.StatusOK, "Audit log", "root")
	s.signIn("ada", oldPassword)
	takenOver(t, dir, old)
	if strings.Contains(s.out.String(), "first-run") {
		t.Errorf("a link for a first operator, though there are operators:\n%s", s.out)
	}
	s.stop()
	takenOver(t, dir, old)
	again := startIn(t, dir)
	again.get("/admin/users/", asOperator(id)).page(t, http.StatusOK, "Users", "ada")
	again.signIn("django@old", oldPassword)
	again.stop()
	takenOver(t, dir, old)
}

// A damaged file closes the console, and leaves visitors served. A backup in its place
// opens the console without a restart.
func TestAccounts_Damaged(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.operator()
	s.stop()
	path := filepath.Join(s.dir, "accounts.sqlite")
	backup, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Repeat([]byte("damaged "), len(backup)/8)
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	away := startIn(t, s.dir)
	away.accountsAway(id, "accounts.sqlite", path, "Restore a backup as accounts.sqlite")
	if strings.Contains(away.out.String(), "first-run") {
		t.Errorf("a link for a first operator:\n%s", away.out)
	}
	aside, _ := filepath.Glob(path + ".damaged-*")
	if len(aside) != 1 {
		t.Fatalf("moved aside: %q; want the damaged file", aside)
	}
	if kept, err := os.ReadFile(aside[0]); err != nil || !bytes.Equal(kept, damaged) {
		t.Errorf("%s is not the damaged file: %v", aside[0], err)
	}
	if err := os.WriteFile(path+".restored", backup, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".restored", path); err != nil {
		t.Fatal(err)
	}
	away.accountsBack(id)
}

// A command says in one line why it cannot use the accounts.
func TestAccounts_CommandSaysOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.stop()
	path := filepath.Join(s.dir, "accounts.sqlite")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	r := runCommand(s.dir, nil, "users", "list")
	if want := "pagesession: the accounts are unavailable: accounts file \"" + path + "\" is missing, "; r.code != 1 || r.stdout != "" || !strings.HasPrefix(r.stderr, want) {
		t.Errorf("users list = %+v; want 1, %q", r, want)
	}
	oneLine(t, "users list", r.stderr)
}

// While PostgreSQL is down, at a start or later, visitors are served. When it comes up, the
// console works without a restart.
func TestAccounts_PostgresComesAndGoes(t *testing.T) {
	t.Parallel()
	db := postgres.New(t)
	url := db.Database(t)
	const cure = "Check that the PostgreSQL server runs"
	s := start(t, "--accounts", url)
	id := s.operator()
	db.Kill(t)
	s.accountsAway(id, "accounts database", "PostgreSQL", cure)
	db.Start(t)
	s.accountsBack(id)
	s.stop()
	db.Stop(t)
	away := startIn(t, s.dir, "--accounts", url)
	away.accountsAway(id, "accounts database", "PostgreSQL", cure)
	if strings.Contains(away.out.String(), "first-run") {
		t.Errorf("a link for a first operator:\n%s", away.out)
	}
	db.Start(t)
	away.accountsBack(id)
}
