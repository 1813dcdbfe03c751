package account_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"pagesession/internal/account"
)

// django runs a script with a Python that has Django: Debian's python3-django.
func django(t *testing.T, stdin []byte, script string, args ...string) []byte {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import django").Run() != nil {
			continue
		}
		cmd := exec.Command(python, append([]string{filepath.Join("testdata", script)}, args...)...)
		cmd.Stdin = bytes.NewReader(stdin)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", script, err, stderr.String())
		}
		return out
	}
	t.Skip("no Django here; apt-get install python3-django")
	return nil
}

func TestImportDjango_ARealProject(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	django(t, nil, "project.py", path)
	b := open(t)
	before := b.add(account.User{Username: "taken", FirstName: "Was here"})
	takenGroup := b.group("taken", account.ViewUser)
	content, _ := os.ReadFile(path)

	report, err := b.ImportDjango(t.Context(), cli, path)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"absurd", "ada", "gone", "md5", "nopassword", "root", "हिन्दी"}; !slices.Equal(report.Users, want) {
		t.Errorf("users %q; want %q", report.Users, want)
	}
	if want := []string{"night watch"}; !slices.Equal(report.Groups, want) {
		t.Errorf("groups %q; want %q", report.Groups, want)
	}
	wantSkipped(t, report.Skipped)
	checkImported(t, b, takenGroup)
	b = b.reopen()
	checkImported(t, b, takenGroup)
	if after := b.user(before.ID); after.FirstName != "Was here" || after.Version != before.Version {
		t.Errorf("who was here is now %+v", after)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(after, content) {
		t.Error("the import changed Django's file")
	}
}

func wantSkipped(t *testing.T, got []account.Skipped) {
	t.Helper()
	var lines []string
	for _, s := range got {
		lines = append(lines, fmt.Sprintf("%s %s: %s", s.Kind, s.Name, s.Reason))
	}
	slices.Sort(lines)
	want := []string{
		"group night watch: without permissions that do not exist here: auth.add_permission",
		"group taken: a group of this name already exists; it was left unchanged",
		"user absurd: added without a password: the password hash takes more work than is allowed",
		"user bad name<script>: username: Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.",
		"user md5: added without a password: the password hash is of an unsupported kind",
		"user md5: without permissions that do not exist here: auth." + strings.Repeat("x", 195) + "…",
		"user taken: a user of this name already exists; they were left unchanged",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("skipped\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

func checkImported(t *testing.T, b *bench, takenGroup account.Group) {
	t.Helper()
	watch, err := b.GroupByName(t.Context(), "night watch")
	if want := []account.Permission{account.ViewSession, account.DeleteSession}; err != nil || !slices.Equal(watch.Permissions, want) {
		t.Errorf("group %+v, %v; want %v", watch, err, want)
	}
	ada, err := b.UserByName(t.Context(), "ada")
	if err != nil || !ada.Active || !ada.Staff || ada.Superuser || ada.LastName != "Ångström" || ada.Email != "ada@example.org" {
		t.Errorf("ada is %+v, %v", ada, err)
	}
	if want := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC); !ada.Joined.Equal(want) {
		t.Errorf("ada joined %v; want %v", ada.Joined, want)
	}
	if want := []account.Permission{account.ChangeUser, account.ViewLogEntry}; !slices.Equal(ada.Permissions, want) {
		t.Errorf("ada has %v; want %v", ada.Permissions, want)
	}
	if !slices.Contains(ada.Groups, watch.ID) || !slices.Contains(ada.Groups, takenGroup.ID) || !ada.Can(account.DeleteSession) {
		t.Errorf("ada is in %v", ada.Groups)
	}
	root, err := b.UserByName(t.Context(), "root")
	if err != nil || !root.Superuser || !root.Usable || !must(b.HasSuperuser(t.Context())) {
		t.Errorf("root is %+v, %v", root, err)
	}
	for name, usable := range map[string]bool{"nopassword": false, "md5": false, "absurd": false, "gone": true} {
		if u, err := b.UserByName(t.Context(), name); err != nil || u.Usable != usable || u.Active == (name == "gone") {
			t.Errorf("%s is %+v, %v", name, u, err)
		}
	}
	if page, err := b.History(t.Context(), account.KindUser, root.ID, 0); err != nil || page.Entries[len(page.Entries)-1].Action != account.ActionImport {
		t.Errorf("history %+v, %v", page, err)
	}
	if _, err := b.signIn("ada", goodPassword, "192.0.2.1"); err != nil {
		t.Errorf("ada's login with her old password: %v", err)
	}
	if !strings.HasPrefix(b.HashOf(ada.ID), "$argon2id$") {
		t.Error("her hash was not upgraded")
	}
	for _, form := range []norm.Form{norm.NFD, norm.NFC} { // first as it was typed there
		if _, err := b.signIn(form.String("हिन्दी"), form.String("größer als ein Haus"), "192.0.2.1"); err != nil {
			t.Errorf("a sign-in with an imported password, form %d: %v", form, err)
		}
	}
}

func TestImportDjango_Twice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	django(t, nil, "project.py", path)
	b := open(t)
	if _, err := b.ImportDjango(t.Context(), cli, path); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "more rows than may be", account.ReadDjango(path, 20), account.ErrFull)
	all := must(b.Users(t.Context(), account.UserQuery{}))
	report, err := b.ImportDjango(t.Context(), cli, path)
	if err != nil || len(report.Users)+len(report.Groups) > 0 || must(b.Users(t.Context(), account.UserQuery{})).Total != all.Total {
		t.Errorf("the second time: %+v, %v; want nothing added", report, err)
	}
}

// Django itself checks the hashes.
func TestCheckPassword_SaysWhatDjangoSays(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	words := []string{
		"jane", "doe", "Baskerville", "fishmonger", "example", "password", "1234", "98765432", "q", "xyz", "Ärger", "用户", "٣٤٥", "_", "-", " ", "naj", "eod",
	}
	text := func(n int) (s string) {
		for range random.IntN(n + 1) {
			s += words[random.IntN(len(words))]
		}
		return s
	}
	cases := make([][5]string, 400)
	for i := range cases {
		cases[i] = [5]string{words[random.IntN(len(words))] + text(3), text(2), text(2), text(2), text(2) + "@" + text(2) + ".org"}
	}
	stdin, _ := json.Marshal(cases)
	var want [][]string
	if err := json.Unmarshal(django(t, stdin, "validators.py"), &want); err != nil {
		t.Fatal(err)
	}
	said := 0
	for i, c := range cases {
		got := account.CheckPassword(c[0], account.User{Username: c[1], FirstName: c[2], LastName: c[3], Email: c[4]})
		if !slices.Equal(got, want[i]) {
			t.Errorf("seed %d: CheckPassword%q = %q; Django says %q", seed, c, got, want[i])
		}
		said += len(got)
	}
	if said < 200 {
		t.Errorf("seed %d: only %d messages; this tests little", seed, said)
	}
}
