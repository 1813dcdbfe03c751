package control

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/session"
	"pagesession/storage/record"
)

// Both ways give the same results and errors.
func TestClient_BothWays(t *testing.T) {
	for _, running := range []bool{false, true} {
		dir := t.TempDir()
		stores := openStores(t, dir)
		stores.Visitors = &visitors{rows: []record.Row{live(0xab, 0xcd, 1), live(0xab, 0xcd, 2), live(0xee, 0xff)}}
		c := &Client{Dir: dir, Actor: "root", Files: files(stores)}
		if running {
			start(t, dir, stores)
			c.Files = noFiles
		}
		operate(t, c)
		audited(t, stored(stores))
	}
}

// operate runs each operation, and each one that is refused.
func operate(t *testing.T, c *Client) {
	ctx := t.Context()
	u, err := CreateSuperuser.Run(ctx, c, NewSuperuser{Username: "ada", Email: "ada@example.com", Password: password})
	if err != nil || u.Username != "ada" || !u.Superuser || !u.Active || !u.Staff || u.LastLogin != nil {
		t.Errorf("CreateSuperuser() = %+v, %v", u, err)
	}
	var invalid account.ValidationErrors
	if _, err = CreateSuperuser.Run(ctx, c, NewSuperuser{Username: "a b", Password: "1"}); !errors.As(err, &invalid) || len(invalid["username"]) == 0 || len(invalid["password"]) < 3 {
		t.Errorf("CreateSuperuser(bad) = %v; want everything that is wrong", err)
	}
	if _, err = SetPassword.Run(ctx, c, NewPassword{"nobody", password}); !errors.Is(err, account.ErrNotFound) || err.Error() != `user "nobody" not found; "pagesession users list" shows all` {
		t.Errorf("SetPassword(nobody) = %v; want %v", err, account.ErrNotFound)
	}
	if u, err = SetPassword.Run(ctx, c, NewPassword{"ada", password + "!"}); err != nil || u.Username != "ada" {
		t.Errorf("SetPassword(ada) = %+v, %v", u, err)
	}
	if _, err = SetActive.Run(ctx, c, Activation{"ada", false}); !errors.Is(err, account.ErrLastSuperuser) {
		t.Errorf("SetActive(ada, false) = %v; want %v", err, account.ErrLastSuperuser)
	}
	if list, err := ListUsers.Run(ctx, c, UserQuery{Search: "ADA"}); err != nil || len(list.Users) != 1 || list.Users[0].Email != "ada@example.com" {
		t.Errorf("Users(ADA) = %+v, %v; want her", list, err)
	}
	if list, err := ListUsers.Run(ctx, c, UserQuery{Search: "bob"}); err != nil || list.Users == nil || len(list.Users) != 0 {
		t.Errorf("Users(bob) = %+v, %v; want none", list, err)
	}
	if list, err := ListSessions.Run(ctx, c, SessionQuery{}); err != nil || list.Total != 3 || list.Sessions[0].RemainingMS != 5000 {
		t.Errorf("Sessions() = %+v, %v; want three", list, err)
	}
	if _, err := ShowSession.Run(ctx, c, SessionName{"abcd"}); !errors.Is(err, ErrAmbiguous) || err.Error() != "several sessions begin with abcd; give more digits" {
		t.Errorf("Session(abcd) = %v; want %v", err, ErrAmbiguous)
	}
	if s, err := EndSession.Run(ctx, c, SessionName{"EEFF"}); err != nil || s.Fingerprint != "eeff0000" {
		t.Errorf("EndSession(EEFF) = %+v, %v", s, err)
	}
	if _, err := EndSession.Run(ctx, c, SessionName{"eeff"}); !errors.Is(err, ErrEnded) || err.Error() != "session eeff has already ended" {
		t.Errorf("EndSession(eeff) again = %v; want %v", err, ErrEnded)
	}
	if s, err := ShowSession.Run(ctx, c, SessionName{"eeff"}); err != nil || s.State != "ended" || s.Reason != "revoked" || s.Living != nil {
		t.Errorf("Session(eeff) = %+v, %v; want ended, revoked", s, err)
	}
	if n, err := EndAllSessions.Run(ctx, c, All{}); err != nil || n.Count != 2 {
		t.Errorf("EndAllSessions() = %+v, %v; want 2", n, err)
	}
	if n, err := ClearSessions.Run(ctx, c, All{}); err != nil || n.Count != 7 {
		t.Errorf("ClearSessions() = %+v, %v; want 7", n, err)
	}
	if _, err := ImportDjango.Run(ctx, c, DjangoFile{Path: "operation.go"}); !errors.Is(err, account.ErrNotSQLite) {
		t.Errorf("ImportDjango(operation.go) = %v; want %v", err, account.ErrNotSQLite)
	}
}

// audited checks for one entry for each change, by root, at the command line.
func audited(t *testing.T, accounts *account.Store) {
	t.Helper()
	page, err := accounts.Entries(t.Context(), account.EntryQuery{})
	var actions []string
	for _, e := range page.Entries {
		actions = append(actions, fmt.Sprintf("%s %s %d", e.Action, e.ObjectID, e.Count))
		if e.Actor != (account.Actor{Name: "root", Via: account.ViaCommandLine}) {
			t.Errorf("%s was done by %+v", e.Action, e.Actor)
		}
	}
	want := "clear  7, revoke_all  2, revoke eeff" + strings.Repeat("0", 28) + " 0, password 1 0, add 1 0"
	if got := strings.Join(actions, ", "); err != nil || got != want {
		t.Errorf("the audit log has %q, %v; want %q", got, err, want)
	}
}

func TestClient_SessionsFail(t *testing.T) {
	dir := t.TempDir()
	stores := openStores(t, dir)
	stores.Visitors = &visitors{rows: []record.Row{live(0xab, 0xcd)}, fail: session.ErrUnavailable}
	start(t, dir, stores)
	c := &Client{Dir: dir, Actor: "root", Files: noFiles}
	if _, err := EndSession.Run(t.Context(), c, SessionName{"abcd"}); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("EndSession() = %v; want %v", err, session.ErrUnavailable)
	}
	if _, err := EndAllSessions.Run(t.Context(), c, All{}); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("EndAllSessions() = %v; want %v", err, session.ErrUnavailable)
	}
	if _, err := ClearSessions.Run(t.Context(), c, All{}); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("ClearSessions() = %v; want %v", err, session.ErrUnavailable)
	}
	if page, err := stored(stores).Entries(t.Context(), account.EntryQuery{}); err != nil || len(page.Entries) != 0 {
		t.Errorf("the audit log has %v, %v; want nothing", page.Entries, err)
	}
}

// A server that starts after the first dial has the files, so the client asks it.
func TestClient_ServerStartsMeanwhile(t *testing.T) {
	dir := t.TempDir()
	stores := openStores(t, dir)
	c := &Client{Dir: dir, Actor: "root"}
	tries := 0
	c.Files = func(context.Context, Need) (Stores, func() error, error) {
		if tries++; tries == 2 { // it has read the files by now
			start(t, dir, stores)
		}
		return Stores{}, nil, ErrInUse
	}
	if _, err := CreateSuperuser.Run(t.Context(), c, NewSuperuser{Username: "ada", Password: password}); err != nil || tries != 2 {
		t.Errorf("CreateSuperuser() = %v after %d tries; want it done after 2", err, tries)
	}
}

// If a server stops before it has read a request, the client starts over.
func TestClient_ServerStopsMeanwhile(t *testing.T) {
	dir := t.TempDir()
	stores := openStores(t, dir)
	ln, err := bind(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	go func() {
		for conn, err := ln.Accept(); err == nil; conn, err = ln.Accept() {
			_, _ = http.ReadRequest(bufio.NewReader(conn)) // the head, which asks whether to go on
			_ = conn.Close()
		}
	}()
	c := &Client{Dir: dir, Actor: "root", Files: files(stores)}
	if _, err := CreateSuperuser.Run(t.Context(), c, NewSuperuser{Username: "ada", Password: password}); err != nil {
		t.Errorf("CreateSuperuser() = %v; want it done in the files", err)
	}
}

// If a server dies after it has read the request, the operation may be done, so the
// client does not repeat it.
func TestClient_ServerDiesAtWork(t *testing.T) {
	dir := t.TempDir()
	ln, err := bind(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		head := bufio.NewReader(conn)
		r, _ := http.ReadRequest(head)
		_, _ = io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\n")
		_, _ = io.ReadAll(r.Body)
		_ = conn.Close()
	}()
	c := &Client{Dir: dir, Actor: "root", Files: noFiles}
	if _, err := EndAllSessions.Run(t.Context(), c, All{}); !errors.Is(err, ErrInterrupted) {
		t.Errorf("EndAllSessions() = %v; want %v", err, ErrInterrupted)
	}
}

// The error names the process that uses the files and does not answer.
func TestClient_GivesUp(t *testing.T) {
	dir := t.TempDir()
	c := &Client{Dir: dir, Actor: "root", patience: time.Millisecond}
	c.Files = func(context.Context, Need) (Stores, func() error, error) {
		return Stores{}, nil, &reworded{"sessions.db is in use by process 7", ErrInUse}
	}
	want := fmt.Sprintf("sessions.db is in use by process 7, which does not answer on %q; try again, or stop that process", socketPath(dir))
	if _, err := ListSessions.Run(t.Context(), c, SessionQuery{}); err == nil || err.Error() != want {
		t.Errorf("Sessions() = %v; want %s", err, want)
	}
}

// Ctrl-C ends the wait for a silent server.
func TestClient_Cancelled(t *testing.T) {
	dir := t.TempDir()
	ln, err := bind(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	came := make(chan net.Conn)
	go func() {
		conn, _ := ln.Accept()
		_, _ = http.ReadRequest(bufio.NewReader(conn))
		came <- conn
	}()
	go func() { conn := <-came; cancel(); defer func() { _ = conn.Close() }(); <-t.Context().Done() }()
	c := &Client{Dir: dir, Actor: "root", Files: noFiles}
	if _, err := ListUsers.Run(ctx, c, UserQuery{}); !errors.Is(err, context.Canceled) || err.Error() != "cancelled; nothing was changed" {
		t.Errorf("Users() = %v; want %v", err, context.Canceled)
	}
}

// Ctrl-C says whether something may have been done: nothing while the files are opened.
func TestClient_CancelledOnFiles(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	stores := openStores(t, t.TempDir())
	c := &Client{Dir: t.TempDir(), Actor: "root", Files: func(ctx context.Context, _ Need) (Stores, func() error, error) {
		return Stores{}, nil, fmt.Errorf("open: %w", ctx.Err())
	}}
	if _, err := ListUsers.Run(ctx, c, UserQuery{}); !errors.Is(err, context.Canceled) || err.Error() != "cancelled; nothing was changed" {
		t.Errorf("while the files are opened: %v", err)
	}
	c.Files = files(stores)
	slow := ListUsers
	slow.do = func(ctx context.Context, _ Stores, _ account.Actor, _ UserQuery) (UserList, error) {
		return UserList{}, fmt.Errorf("users: %w", ctx.Err())
	}
	want := "cancelled while the command was working; check whether the operation was done"
	if _, err := slow.Run(ctx, c, UserQuery{}); !errors.Is(err, context.Canceled) || err.Error() != want {
		t.Errorf("while it works: %v; want %s", err, want)
	}
}

// Sessions that have ended are audited also after Ctrl-C.
func TestOperation_Do_AuditsAfterCtrlC(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	stores := openStores(t, t.TempDir())
	stores.Accounts = strict{stores.Accounts}
	stores.Visitors = &visitors{rows: []record.Row{live(0xab, 0xcd)}}
	if _, err := EndSession.Do(ctx, stores, commandLine("root"), SessionName{"abcd"}); err != nil {
		t.Errorf("EndSession = %v; want nil", err)
	}
}

// strict accounts refuse what is cancelled, as a database does.
type strict struct{ Accounts }

func (s strict) Audit(ctx context.Context, by account.Actor, events ...account.Event) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.Accounts.Audit(ctx, by, events...)
}

// Files are closed after each operation, and an error of closing is returned.
func TestClient_ClosesFiles(t *testing.T) {
	stores := openStores(t, t.TempDir())
	closed := 0
	c := &Client{Dir: t.TempDir(), Actor: "root", Files: func(_ context.Context, need Need) (Stores, func() error, error) {
		return stores, func() error { closed++; return errors.New("it would not close") }, nil
	}}
	if _, err := ListUsers.Run(t.Context(), c, UserQuery{}); closed != 1 || err == nil || err.Error() != "it would not close" {
		t.Errorf("Users() = %v, closed %d times; want the error, once", err, closed)
	}
}
