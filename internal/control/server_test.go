package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
)

// request sends the server of a folder a request that no command sends.
func request(t *testing.T, dir, method, path, body string) (int, problem) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return dial(dir) },
	}}
	req, err := http.NewRequest(method, "http://control"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(req)
	if err != nil {
		t.Fatalf("%s %s = %v", method, path, err)
	}
	defer func() { _ = answer.Body.Close() }()
	var p problem
	if err := json.NewDecoder(answer.Body).Decode(&p); err != nil {
		t.Errorf("%s %s has no JSON: %v", method, path, err)
	}
	return answer.StatusCode, p
}

func TestServer_BadRequests(t *testing.T) {
	dir := t.TempDir()
	start(t, dir, openStores(t, dir))
	for _, tc := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"POST", ListUsers.path, ``, 400, "bad_request"},
		{"POST", ListUsers.path, `{`, 400, "bad_request"},
		{"POST", ListUsers.path, `[]`, 400, "bad_request"},
		{"POST", ListUsers.path, `{"actor":"ada","request":{"serach":"x"}}`, 400, "bad_request"},
		{"POST", ListUsers.path, `{"request":{}}`, 400, "bad_request"},
		{"POST", ListUsers.path, `{"actor":"a\u001b[31m","request":{}}`, 400, "bad_request"},
		{"POST", ListUsers.path, `{"actor":"` + strings.Repeat("a", 257) + `","request":{}}`, 400, "bad_request"},
		{"POST", ListUsers.path, `{"actor":"ada","request":{"search":"` + strings.Repeat("a", maxBody) + `"}}`, 400, "bad_request"},
		{"GET", ListUsers.path, ``, 400, "bad_request"},
		{"DELETE", ListUsers.path, `{"actor":"ada","request":{}}`, 400, "bad_request"},
		{"POST", "/", `{}`, 404, "unknown_operation"},
		{"POST", ListUsers.path + "/", `{}`, 404, "unknown_operation"},
		{"POST", "/v2/users/list", `{}`, 404, "unknown_operation"},
		{"POST", ListSessions.path, `{"actor":"ada","request":{"sort":"colour"}}`, 400, "bad_request"},
		{"POST", ListSessions.path, `{"actor":"ada","request":{"state":"dead"}}`, 400, "bad_request"},
		{"POST", ListSessions.path, `{"actor":"ada","request":{"limit":501}}`, 400, "bad_request"},
		{"POST", ListSessions.path, `{"actor":"ada","request":{"offset":-1}}`, 400, "bad_request"},
		{"POST", EndSession.path, `{"actor":"ada","request":{"name":""}}`, 400, "bad_request"},
		{"POST", EndSession.path, `{"actor":"ada","request":{"name":"abcx"}}`, 400, "bad_request"},
		{"POST", ImportDjango.path, `x`, 400, "bad_request"},
		{"POST", SetPassword.path, `{"actor":"ada","request":{"username":"nobody","password":"x"}}`, 404, "user_not_found"},
	} {
		status, p := request(t, dir, tc.method, tc.path, tc.body)
		if status != tc.status || p.Code != tc.code || p.Message == "" {
			t.Errorf("%s %s %.60s = %d, %+v; want %d, %s", tc.method, tc.path, tc.body, status, p, tc.status, tc.code)
		}
	}
}

// Connections beyond the limit wait, and all are served.
func TestServer_BoundsConnections(t *testing.T) {
	dir := t.TempDir()
	stores := openStores(t, dir)
	held := newHoldUp()
	stores.Visitors = &visitors{hold: held}
	start(t, dir, stores)
	c := &Client{Dir: dir, Actor: "ada", Files: noFiles}
	const more = maxConnections + 4
	results := make(chan error, more)
	for range more {
		go func() {
			_, err := ClearSessions.Run(context.Background(), c, All{})
			results <- err
		}()
	}
	for range maxConnections { // they are all at work
		<-held.begun
	}
	select {
	case <-held.begun:
		t.Errorf("%d requests are worked on at once; want %d", maxConnections+1, maxConnections)
	case <-time.After(100 * time.Millisecond):
	}
	for range maxConnections {
		held.goOn <- struct{}{}
	}
	for range more - maxConnections {
		<-held.begun
		held.goOn <- struct{}{}
	}
	for range more {
		if err := <-results; err != nil {
			t.Errorf("ClearSessions() = %v", err)
		}
	}
}

// A command that waits to be accepted when the server stops opens the files, while others
// are still at work.
func TestServer_ShutdownSendsWaitersAway(t *testing.T) {
	dir := t.TempDir()
	stores := openStores(t, dir)
	held := newHoldUp()
	stores.Visitors = &visitors{hold: held}
	s, _ := start(t, dir, stores)
	ask := func(answers chan<- error) {
		conn, err := dial(dir)
		if err != nil {
			t.Fatal(err)
		}
		body := strings.NewReader(`{"actor":"ada","request":{}}`)
		go func() { answers <- post(context.Background(), conn, ClearSessions.path, body, new(Count)) }()
	}
	atWork, queued := make(chan error, maxConnections), make(chan error, 3)
	for range maxConnections {
		ask(atWork)
		<-held.begun
	}
	for range cap(queued) {
		ask(queued)
	}
	stopped := make(chan struct{})
	go func() { stop(t, s); close(stopped) }()
	for range cap(queued) {
		select {
		case err := <-queued:
			if !errors.Is(err, errNoServer) {
				t.Errorf("a command that waited = %v; want %v", err, errNoServer)
			}
		case <-time.After(2 * time.Second):
			t.Error("a command waits for a server that stops")
		}
	}
	for range maxConnections {
		held.goOn <- struct{}{}
		if err := <-atWork; err != nil {
			t.Errorf("a command at work = %v; want it done", err)
		}
	}
	<-stopped
}

// A stop finishes the commands in progress and accepts no others.
func TestServer_ShutdownFinishes(t *testing.T) {
	dir := t.TempDir()
	stores := openStores(t, dir)
	held := newHoldUp()
	stores.Visitors = &visitors{hold: held}
	s, _ := start(t, dir, stores)
	c := &Client{Dir: dir, Actor: "ada", Files: noFiles}
	result := make(chan error, 1)
	go func() {
		n, err := ClearSessions.Run(context.Background(), c, All{})
		if err == nil && n.Count != 7 {
			err = fmt.Errorf("%+v", n)
		}
		result <- err
	}()
	<-held.begun
	stopped := make(chan struct{})
	go func() { stop(t, s); close(stopped) }()
	for { // the socket goes first
		if _, err := os.Lstat(socketPath(dir)); err != nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if _, err := dial(dir); !errors.Is(err, errNoServer) {
		t.Errorf("dial while stopping = %v; want %v", err, errNoServer)
	}
	held.goOn <- struct{}{}
	if err := <-result; err != nil {
		t.Errorf("ClearSessions() while stopping = %v; want it done", err)
	}
	<-stopped
}

// A client that stays silent, or is never answered, does not delay the stop.
func TestServer_ShutdownIsBounded(t *testing.T) {
	dir := t.TempDir()
	stores := openStores(t, dir)
	held := newHoldUp()
	stores.Visitors = &visitors{hold: held}
	s, err := Start(dir, stores, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	silent, err := dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	result := make(chan error, 1)
	go func() {
		_, err := ClearSessions.Run(context.Background(), &Client{Dir: dir, Actor: "ada", Files: noFiles}, All{})
		result <- err
	}()
	<-held.begun
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown() = %v; want %v", err, context.DeadlineExceeded)
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("Shutdown took %v; want about 50ms", took)
	}
	if err := <-result; !errors.Is(err, ErrInterrupted) {
		t.Errorf("ClearSessions() = %v; want %v", err, ErrInterrupted)
	}
	held.goOn <- struct{}{}
	if _, err := io.ReadAll(silent); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Logf("the silent connection: %v", err)
	}
}

// A typed password goes only into the hash.
func TestServer_LogsNoPassword(t *testing.T) {
	dir := t.TempDir()
	stores := openStores(t, dir)
	_, log := start(t, dir, stores)
	c := &Client{Dir: dir, Actor: "ada", Files: noFiles}
	n := NewSuperuser{Username: "ada", Password: password}
	if _, err := CreateSuperuser.Run(t.Context(), c, n); err != nil {
		t.Fatal(err)
	}
	if _, err := CreateSuperuser.Run(t.Context(), c, n); err == nil || strings.Contains(err.Error(), password) {
		t.Errorf("CreateSuperuser again = %v; want an error without the password", err)
	}
	request(t, dir, "POST", SetPassword.path, `{"actor":"ada","request":{"username":"ada","password":"`+password+`",}}`)
	if strings.Contains(log.String(), password) {
		t.Errorf("the log holds it: %s", log)
	}
	if _, err := stored(stores).Authenticate(t.Context(), account.Credentials{Username: "ada", Password: password, Address: "::1"}); err != nil {
		t.Errorf("Authenticate() = %v; want the password that was sent", err)
	}
	seen := fmt.Sprintf("%v %+v %#v %s %q", n, n, n, n.Password, n.Password)
	slog.New(slog.NewTextHandler(log, nil)).Info("x", slog.Any("it", n), slog.Any("secret", n.Password))
	if seen += log.String(); strings.Contains(seen, password) {
		t.Errorf("a Secret shows itself: %s", seen)
	}
}
