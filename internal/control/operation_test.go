package control

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pagesession/internal/account"
	"pagesession/session"
	"pagesession/storage/record"
)

// These names and fields are fixed, because the running server may have another version
// than the command.
func TestOperations_OnTheSocket(t *testing.T) {
	want := map[string]string{
		"/v1/users/create-superuser": `{"username":"","email":"","password":""}`,
		"/v1/users/set-password":     `{"username":"","password":""}`,
		"/v1/users/show":             `{"username":""}`,
		"/v1/users/list":             `{"search":""}`,
		"/v1/users/set-active":       `{"username":"","is_active":false}`,
		"/v1/users/unlock":           `{"username":""}`,
		"/v1/users/import-django":    "", // a file

		"/v1/users/second-factor/set-up":         `{"username":"","issuer":""}`,
		"/v1/users/second-factor/confirm":        `{"username":"","sealed":"","code":""}`,
		"/v1/users/second-factor/recovery-codes": `{"username":""}`,
		"/v1/users/second-factor/reset":          `{"username":""}`,
		"/v1/users/add":                          `{"username":"","email":"","first_name":"","last_name":"","is_staff":false,"is_superuser":false,"groups":null,"permissions":null,"password":""}`,
		"/v1/users/change":                       `{"username":"","new_username":null,"email":null,"first_name":null,"last_name":null,"is_staff":null,"is_superuser":null,"add_groups":null,"remove_groups":null,"grant":null,"revoke":null}`,
		"/v1/users/delete":                       `{"username":""}`,
		"/v1/groups/list":                        `{"search":""}`,
		"/v1/groups/add":                         `{"name":"","permissions":null}`,
		"/v1/groups/change":                      `{"name":"","new_name":"","grant":null,"revoke":null}`,
		"/v1/groups/delete":                      `{"name":""}`,
		"/v1/sessions/list":                      `{"search":"","state":"","sort":"","limit":0,"offset":0}`,
		"/v1/sessions/show":                      `{"name":""}`,
		"/v1/sessions/end":                       `{"name":""}`,
		"/v1/sessions/end-all":                   `{}`,
		"/v1/sessions/clear":                     `{}`,
		"/v1/sessions/move":                      `{"to":""}`,
		"/v1/backup/make":                        `{}`,
		"/v1/backup/restore":                     "", // a file
		"/v1/status":                             `{}`,
		"/v1/facts":                              `{}`,
		"/v1/privacy/export":                     `{"username":"","subject":"","name":"","session":""}`,
		"/v1/privacy/erase":                      `{"username":"","subject":"","name":"","session":""}`,
	}
	got := map[string]string{}
	for _, o := range operations() {
		got[o.at()] = ""
		do, _ := reflect.TypeOf(o).FieldByName("check")
		if request := do.Type.In(0); !request.Implements(reflect.TypeFor[fileToSend]()) {
			b, err := json.Marshal(reflect.Zero(request).Interface())
			if err != nil {
				t.Error(err)
			}
			got[o.at()] = string(b)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the socket has %q; want %q", got, want)
	}
}

// operator adds a console user with these permissions.
func operator(t *testing.T, stores Stores, permissions ...account.Permission) account.Actor {
	t.Helper()
	u := account.User{Username: "ada", Active: true, Staff: true, Permissions: permissions}
	u, err := stores.Accounts.CreateUser(t.Context(), commandLine("root"), u, password)
	if err != nil {
		t.Fatal(err)
	}
	return account.Console(u, "127.0.0.1")
}

func TestOperation_Do_AsksForThePermission(t *testing.T) {
	for permission, allowed := range map[account.Permission]bool{account.ViewSession: false, account.DeleteSession: true} {
		stores := openStores(t, t.TempDir())
		stores.Visitors = &visitors{rows: []record.Row{live(0xab, 0xcd)}}
		by := operator(t, stores, permission)
		if _, err := EndSession.Do(t.Context(), stores, by, SessionName{"abcd"}); errors.Is(err, account.ErrForbidden) == allowed || allowed && err != nil {
			t.Errorf("EndSession by an operator with %s = %v; want it done: %v", permission, err, allowed)
		}
		if row, _ := stores.Visitors.Find(t.Context(), live(0xab, 0xcd).Handle); (row.State == record.Ended) != allowed {
			t.Errorf("after EndSession by an operator with %s the session is %v", permission, row.State)
		}
		page, err := stored(stores).Entries(t.Context(), account.EntryQuery{Action: account.ActionRevoke, ActorID: by.UserID})
		if err != nil || (len(page.Entries) == 1) != allowed {
			t.Errorf("the audit log has %v, %v", page.Entries, err)
		}
	}
}

// unaudited returns stores whose audit log cannot be written.
func unaudited(t *testing.T, dir string) Stores {
	t.Helper()
	stores := openStores(t, dir)
	stores.Visitors = &visitors{rows: []record.Row{live(0xab, 0xcd), live(0xef)}}
	if err := stored(stores).Close(); err != nil {
		t.Fatal(err)
	}
	return stores
}

// An end that cannot be audited is done, and the error says so.
func TestOperation_Do_NotAudited(t *testing.T) {
	stores := unaudited(t, t.TempDir())
	s, err := EndSession.Do(t.Context(), stores, commandLine("root"), SessionName{"abcd"})
	if !errors.Is(err, ErrNotAudited) || !errors.Is(err, account.ErrClosed) || s.Fingerprint != "abcd0000" {
		t.Errorf("EndSession() = %+v, %v; want the session and %v", s, err, ErrNotAudited)
	}
	var lacks *NotAuditedError
	if !errors.As(err, &lacks) || len(lacks.Entries) != 1 || lacks.Entries[0].Object != "abcd0000" {
		t.Errorf("EndSession() = %#v; want its audit entry", err)
	}
	if got, _ := stores.Visitors.Find(t.Context(), live(0xab, 0xcd).Handle); got.State != record.Ended {
		t.Errorf("the session is %v; want it ended", got.State)
	}
}

// The same through a server, whose log has the missing entry.
func TestServer_NotAudited(t *testing.T) {
	dir := t.TempDir()
	_, log := start(t, dir, unaudited(t, dir))
	c := &Client{Dir: dir, Actor: "root", Files: noFiles}
	s, err := EndSession.Run(t.Context(), c, SessionName{"abcd"})
	if !errors.Is(err, ErrNotAudited) || s.Fingerprint != "abcd0000" {
		t.Errorf("EndSession() = %+v, %v; want the session and %v", s, err, ErrNotAudited)
	}
	n, err := EndAllSessions.Run(t.Context(), c, All{})
	if !errors.Is(err, ErrNotAudited) || n.Count != 1 {
		t.Errorf("EndAllSessions() = %+v, %v; want 1 and %v", n, err, ErrNotAudited)
	}
	for _, want := range []string{`user=root action=revoke object=abcd0000 count=0`, `user=root action=revoke_all object="" count=1`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, log.String())
		}
	}
	if strings.Contains(log.String(), live(0xab, 0xcd).Handle.String()) {
		t.Errorf("the log has a whole handle:\n%s", log.String())
	}
}

// Some of the sessions have ended before, one is unknown, and the store fails on the way.
// The audit log has exactly the sessions that were ended.
func TestEndSessions(t *testing.T) {
	all := []record.Row{live(1), live(2), live(3), live(4)}
	all[3].State, all[3].Reason = record.Ended, record.Idle
	for _, tc := range []struct {
		name   string
		fails  int // how many can be ended before the store fails; below 0: all
		ended  int
		rest   error
		failed error
	}{
		{"all", -1, 3, nil, nil},
		{"two", 2, 2, session.ErrFull, nil},
		{"none", 0, 0, nil, session.ErrFull},
	} {
		stores := openStores(t, t.TempDir())
		v := &visitors{rows: append([]record.Row{}, all...), room: tc.fails}
		stores.Visitors = v
		by := operator(t, stores, account.DeleteSession)
		got, err := EndSessions.Do(t.Context(), stores, by, []record.Handle{all[0].Handle, all[1].Handle, all[2].Handle, all[3].Handle, live(9).Handle})
		if !errors.Is(err, tc.failed) || got.Count != tc.ended || !errors.Is(got.Rest, tc.rest) || len(got.Handles) != tc.ended {
			t.Errorf("%s: EndSessions() = %+v, %v; want %d, the rest %v, error %v", tc.name, got, err, tc.ended, tc.rest, tc.failed)
		}
		page, err := stored(stores).Entries(t.Context(), account.EntryQuery{Action: account.ActionRevoke})
		if err != nil || len(page.Entries) != tc.ended {
			t.Errorf("%s: the audit log has %v, %v; want %d entries", tc.name, page.Entries, err, tc.ended)
		}
		for _, e := range page.Entries {
			if e.ObjectID == all[3].Handle.String() || e.Actor != by {
				t.Errorf("%s: the audit log has %+v", tc.name, e)
			}
		}
	}
}
