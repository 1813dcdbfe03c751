package control

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"testing"

	"pagesession/internal/account"
	"pagesession/session"
	"pagesession/storage"
	"pagesession/storage/record"
)

// withSessions returns stores with live sessions of these names: the name, and how many.
func withSessions(t *testing.T, names map[string]int) Stores {
	t.Helper()
	on := openStores(t, t.TempDir())
	store, err := storage.Open(storage.Config{Database: t.TempDir() + "/sessions.db"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	cfg := session.DefaultConfig()
	cfg.Store = store.Sessions()
	cfg.SubjectValue = "user"
	policy, err := session.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for name, n := range names {
		for range n {
			all.Go(func() {
				_, _, err := policy.Start(t.Context(), session.Token{}, session.ClientInfo{}, func(d *session.Draft) error {
					d.Set("name", name)
					d.Set("user", "subject of "+name)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	on.Visitors, on.Operators = FileSessions{Storage: store}, FileSessions{Storage: store}
	return on
}

// A name finds all sessions that have exactly it, on several pages of the list, and not those
// whose name only contains it; a subject finds its own.
func TestErasePerson_Names(t *testing.T) {
	on := withSessions(t, map[string]int{"Ada": record.MaxLimit + 200, "Adam": 2, "x Ada": 1, "Bob": 3})
	by := commandLine("root")
	for _, test := range []struct {
		who  Person
		want int
		err  error
	}{
		{Person{Name: "Ad"}, 0, ErrNoPerson}, {Person{Name: "ada"}, 0, ErrNoPerson}, {Person{Subject: "Bob"}, 0, ErrNoPerson},
		{Person{}, 0, ErrRequest}, {Person{Name: "Ada", Subject: "x"}, 0, ErrRequest},
		{Person{Name: "Ada"}, record.MaxLimit + 200, nil}, {Person{Name: "Ada"}, 0, ErrNoPerson},
		{Person{Subject: "subject of Bob"}, 3, nil}, {Person{Session: "00000000"}, 0, ErrNoSession},
	} {
		data, err := ExportPerson.Do(t.Context(), on, by, test.who)
		if len(data.Sessions) != test.want || !errors.Is(err, test.err) {
			t.Errorf("ExportPerson(%+v) = %d sessions, %v; want %d, %v", test.who, len(data.Sessions), err, test.want, test.err)
		}
		done, err := ErasePerson.Do(t.Context(), on, by, test.who)
		if done.Sessions != test.want || !errors.Is(err, test.err) {
			t.Errorf("ErasePerson(%+v) = %+v, %v; want %d sessions, %v", test.who, done, err, test.want, test.err)
		}
	}
	if page, err := on.Visitors.List(t.Context(), record.Query{}); err != nil || page.Total != 3 {
		t.Errorf("%d sessions are left, %v; want three", page.Total, err)
	}
}

// A name that very many sessions have names no person.
func TestErasePerson_ManySessions(t *testing.T) {
	on := withSessions(t, map[string]int{"": 1, "Ada": mostPersonal + 1})
	for what, do := range map[string]func(context.Context, Stores, account.Actor, Person) error{
		"ErasePerson": func(ctx context.Context, on Stores, by account.Actor, p Person) error {
			_, err := ErasePerson.Do(ctx, on, by, p)
			return err
		},
		"ExportPerson": func(ctx context.Context, on Stores, by account.Actor, p Person) error {
			_, err := ExportPerson.Do(ctx, on, by, p)
			return err
		},
	} {
		if err := do(t.Context(), on, commandLine("root"), Person{Name: "Ada"}); !errors.Is(err, ErrManyPeople) {
			t.Errorf("%s = %v; want %v", what, err, ErrManyPeople)
		}
	}
}

// cannotRewrite is a store whose disk takes no new file.
type cannotRewrite struct{ Lister }

func (cannotRewrite) RewriteNext() error { return syscall.EROFS }

// Nothing is erased unless the next start writes the file anew.
func TestErasePerson_CannotRewrite(t *testing.T) {
	on := withSessions(t, map[string]int{"Ada": 1})
	on.Visitors = cannotRewrite{on.Visitors}
	if done, err := ErasePerson.Do(t.Context(), on, commandLine("root"), Person{Name: "Ada"}); !errors.Is(err, syscall.EROFS) || done.Sessions != 0 {
		t.Errorf("ErasePerson() = %+v, %v; want %v", done, err, syscall.EROFS)
	}
	if page, err := on.Visitors.List(t.Context(), record.Query{}); err != nil || page.Total != 1 {
		t.Errorf("%d sessions are live, %v; want one", page.Total, err)
	}
}

// In the console both need a superuser, whatever the permissions.
func TestErasePerson_NeedsASuperuser(t *testing.T) {
	on := withSessions(t, map[string]int{"Ada": 1})
	editor, err := on.Accounts.CreateUser(t.Context(), commandLine("root"), account.User{
		Username: "editor", Active: true, Staff: true, Permissions: account.Permissions(),
	}, password)
	if err != nil {
		t.Fatal(err)
	}
	by := account.Console(editor, "203.0.113.7")
	for _, who := range []Person{{Name: "Ada"}, {Username: "editor"}} {
		_, exported := ExportPerson.Do(t.Context(), on, by, who)
		_, erased := ErasePerson.Do(t.Context(), on, by, who)
		if !errors.Is(exported, account.ErrForbidden) || !errors.Is(erased, account.ErrForbidden) {
			t.Errorf("%+v: export %v, erasure %v; want %v", who, exported, erased, account.ErrForbidden)
		}
	}
}

func TestPerson_Check(t *testing.T) {
	for _, bad := range []Person{{}, {Username: "a", Name: "b"}, {Subject: "a", Session: "abcd"}, {Session: "abc"}, {Session: "wxyz"}} {
		if err := bad.Check(); err == nil {
			t.Errorf("Check of %s = nil; want an error", fmt.Sprintf("%+v", bad))
		}
	}
	for _, good := range []Person{{Username: "a"}, {Name: "b"}, {Subject: "c"}, {Session: "abcd"}} {
		if err := good.Check(); err != nil {
			t.Errorf("Check of %+v = %v", good, err)
		}
	}
}
