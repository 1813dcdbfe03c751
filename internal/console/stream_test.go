package console_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/internal/account"
	"pagesession/internal/monitor"
	"pagesession/internal/testkit"
)

// watch opens the stream in a browser that may see it.
func (b *browser) watch(opts ...testkit.Option) *stream {
	b.T.Helper()
	a := b.Get("/admin/stream/?samples", opts...)
	if a.StatusCode != 200 || a.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
		b.T.Fatalf("GET /admin/stream/ = %d %s; want a stream", a.StatusCode, a.Header.Get("Content-Type"))
	}
	return &stream{d: b.d, body: a.Body}
}

// A stream is an answer that is read event by event.
type stream struct {
	d    *fixture
	body io.ReadCloser
}

// next is the next event, "" at the end.
func (s *stream) next() string {
	s.d.t.Helper()
	p := make([]byte, 64<<10)
	n, err := s.body.Read(p)
	if err != nil && err != io.EOF {
		s.d.t.Errorf("Read = %v; want io.EOF", err)
	}
	return string(p[:n])
}

// ends fails the test unless the stream ends with the next second, after an event that says
// why the operator is signed out; "" for no such event.
func (s *stream) ends(when, why string) {
	s.d.t.Helper()
	s.d.monitor.add(monitor.Counters{Sessions: 99})
	if want := "event: ended\ndata: \"" + why + "\"\n\n"; why != "" {
		if got := s.next(); got != want {
			s.d.t.Errorf("%s the stream says %q; want %q", when, got, want)
		}
	}
	if got := s.next(); got != "" {
		s.d.t.Errorf("%s the stream says %q; want its end", when, got)
	}
	s.close()
}

// close is what the engine does, whatever ended the stream.
func (s *stream) close() { _ = s.body.Close() }

func TestStream_SaysWhatHappens(t *testing.T) {
	d := openConsole(t)
	d.staff("viewer", account.ViewSession)
	d.monitor.add(monitor.Counters{Sessions: 7, Refreshes: 3})
	d.monitor.add(monitor.Counters{Sessions: 8, CommitMedian: 1500 * time.Microsecond})
	s := d.as("viewer").watch()
	defer s.close()
	first := s.next()
	for _, part := range []string{"retry: 3000\n\n", "id: 2\ndata: [[1,1795384800,7,1.5,", ",[2,1795384801,8,0,0,0,0,0,0,0,1.5,null,null,null,0,null,null,0,0,0,0,0]]\n\n"} {
		if !strings.Contains(first, part) {
			t.Errorf("the first event is %q; want %q in it", first, part)
		}
	}
	d.monitor.add(monitor.Counters{Sessions: 9})
	if got := s.next(); !strings.HasPrefix(got, "id: 3\ndata: [[3,1795384802,9,") || !strings.HasSuffix(got, "]]\n\n") {
		t.Errorf("the next event is %q; want the third sample alone", got)
	}
	again := d.as("viewer").watch(testkit.Header("Last-Event-ID", "2"))
	defer again.close()
	if got := again.next(); strings.Contains(got, ",7,1.5,") || !strings.Contains(got, "id: 3\ndata: [[3,1795384802,9,") {
		t.Errorf("a browser that comes back hears %q; want what it missed", got)
	}
}

// A stream ends with what let its operator in.
func TestStream_Ends(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	viewer := d.staff("viewer", account.ViewSession)
	open := func() *stream {
		t.Helper()
		s := d.as("viewer").watch()
		if first := s.next(); !strings.HasPrefix(first, "retry:") {
			t.Fatalf("the first event is %q", first)
		}
		return s
	}

	s := open()
	d.as("viewer").post("/admin/own-sessions/end-others/", "old", password).Wants(303)
	s.ends("after the end of the operator's session", "revoked")

	s = open()
	if _, err := d.accounts.SetPassword(t.Context(), owner, viewer.ID, password+"8"); err != nil {
		t.Fatal(err)
	}
	s.ends("after a change of password", "revoked")
	if _, err := d.accounts.SetPassword(t.Context(), owner, viewer.ID, password); err != nil {
		t.Fatal(err)
	}

	b := d.as("viewer")
	s = b.watch()
	s.next()
	viewer.Permissions, viewer.Version = nil, 0
	if _, err := d.accounts.UpdateUser(t.Context(), owner, viewer); err != nil {
		t.Fatal(err)
	}
	d.monitor.add(monitor.Counters{Sessions: 9})
	if got, want := s.next(), fewer+denied; got != want {
		t.Errorf("without the permission the stream says %q; want %q and no sample", got, want)
	}
	b.post("/admin/logout/").Wants(303)
	s.ends("without the permission, after the sign-out,", "deleted")

	s = d.as("ada").watch()
	s.next()
	close(d.done)
	if got := s.next(); got != "" {
		t.Errorf("when the server stops the stream says %q; want its end", got)
	}
	s.close()
}

// A stream of one who is not signed in stops without an error in the browser. Its script asks
// with HEAD, which leads to the sign-in, as the address itself does.
func TestStream_SignedOut(t *testing.T) {
	b := openConsole(t).signedOut()
	b.Get("/admin/stream/", testkit.Header("Accept", "text/event-stream")).Wants(204)
	b.Do("HEAD", "/admin/stream/").Wants(303)
	b.get("/admin/stream/").Wants(303)
}

// A stream without samples says once that its operator has lost a permission, directly or by a
// group, and nothing of one that they get.
func TestStream_FewerPermissions(t *testing.T) {
	d := openConsole(t)
	group, err := d.accounts.CreateGroup(t.Context(), owner, account.Group{Name: "watchers", Permissions: []account.Permission{account.ViewUser, account.ViewLogEntry}})
	if err != nil {
		t.Fatal(err)
	}
	d.add(account.User{Username: "bob", Staff: true, Groups: []uint64{group.ID}})
	a := d.as("bob").Get("/admin/stream/")
	s := &stream{d: d, body: a.Body}
	defer s.close()
	if got, want := s.next(), "retry: 3000\n\n"+beat; got != want {
		t.Errorf("the stream begins with %q; want %q", got, want)
	}
	for _, step := range []struct {
		has  []account.Permission
		want string
	}{
		{[]account.Permission{account.ViewUser}, fewer},
		{nil, fewer},
		{[]account.Permission{account.AddUser}, beat},
	} {
		group.Permissions, group.Version = step.has, 0
		if _, err := d.accounts.UpdateGroup(t.Context(), owner, group); err != nil {
			t.Fatal(err)
		}
		d.monitor.add(monitor.Counters{Sessions: 9})
		if got := s.next(); got != step.want {
			t.Errorf("with the permissions %v the stream says %q; want %q", step.has, got, step.want)
		}
	}
}

// What a stream says to one who has lost a permission, to one who may see sessions no longer, and
// to one who has to set up a second factor.
const (
	beat   = "event: beat\ndata: 1\n\n"
	fewer  = "event: permissions\ndata: 1\n\n"
	denied = "event: denied\ndata: 1\n\n"
	setUp  = "event: setup\ndata: 1\n\n"
)

// A stream says so when its operator has to set up a second factor before anything else, as one
// who becomes a superuser, and has no more samples. It is open on the pages of the set-up, too.
func TestStream_SetUp(t *testing.T) {
	d := openConsoleOn(t, t.TempDir(), account.Config{SecretKey: secretKey(), Required: account.Superusers})
	d.superuser("ada")
	viewer := d.staff("viewer", account.ViewSession)
	b := d.as("viewer")
	s := b.watch()
	s.next()
	viewer.Superuser, viewer.Version = true, 0
	if _, err := d.accounts.UpdateUser(t.Context(), owner, viewer); err != nil {
		t.Fatal(err)
	}
	d.monitor.add(monitor.Counters{Sessions: 9})
	if got := s.next(); got != setUp {
		t.Errorf("for a superuser without a second factor the stream says %q; want %q and no sample", got, setUp)
	}
	again := b.watch()
	if got, want := again.next(), "retry: 3000\n\n"+setUp; got != want {
		t.Errorf("a stream of the set-up says %q; want %q", got, want)
	}
	b.get("/admin/").Wants(303)
	b.get("/admin/second-factor/").Wants(200, "data-set-up")
	b.post("/admin/logout/").Wants(303)
	s.ends("after the sign-out", "deleted")
	again.ends("after the sign-out", "deleted")
}

// A stream ends when another operator resets the second factor of its own.
func TestStream_EndsWithTheSecondFactor(t *testing.T) {
	d := openConsoleOn(t, t.TempDir(), account.Config{SecretKey: secretKey()})
	viewer := d.staff("viewer", account.ViewSession)
	b := d.as("viewer")
	b.setUpApp()
	s := b.watch()
	s.next()
	if _, err := d.accounts.ResetSecondFactors(t.Context(), owner, viewer.ID); err != nil {
		t.Fatal(err)
	}
	s.ends("after a reset of the second factor", "revoked")
	b.get("/admin/").Wants(303)
}

// A page that is left open with its stream does not keep its operator signed in.
func TestStream_SlidesNothing(t *testing.T) {
	d := openConsole(t)
	d.staff("viewer", account.ViewSession)
	b := d.as("viewer")
	first := b.watch()
	first.next()
	for range 3 {
		d.clock.Advance(4 * time.Minute)
		s := b.watch()
		s.next()
		s.close()
	}
	d.clock.Advance(3*time.Minute + time.Second)
	first.ends("15 minutes after the last click", "idle")
	b.get("/admin/").Wants(303)
}

// Each stream holds a connection: there is a bound for all and one for each.
func TestStream_Bounds(t *testing.T) {
	d := openConsole(t)
	d.staff("viewer", account.ViewSession)
	b := d.as("viewer")
	var open []*stream
	for range 4 {
		open = append(open, b.watch())
	}
	if a := b.get("/admin/stream/").Wants(429, "Several of your browsers"); a.Header.Get("Retry-After") == "" {
		t.Error("429 without Retry-After")
	}
	b.Do("HEAD", "/admin/stream/").Wants(429)
	d.staff("other")
	d.as("other").Do("HEAD", "/admin/stream/").Wants(200)
	open[0].close()
	open[0].close() // the engine may
	b.watch().close()
	b.Do("HEAD", "/admin/stream/").Wants(200)
	b.watch()
	b.get("/admin/stream/").Wants(429)
}

// All operators together have a bound, too.
func TestStream_BoundOfAll(t *testing.T) {
	d := openConsole(t)
	for i := range 32 {
		name := "viewer" + strconv.Itoa(i)
		d.staff(name, account.ViewSession)
		b := d.as(name)
		for range 4 {
			b.watch()
		}
	}
	d.staff("late")
	late := d.as("late")
	if a := late.get("/admin/stream/").Wants(503, "Temporarily unavailable"); a.Header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
	late.Do("HEAD", "/admin/stream/").Wants(503)
}

// A page without the dashboard hears only of the end of its session, as does an operator who
// may not see sessions. The second in which it ends has no sample.
func TestStream_WithoutSamples(t *testing.T) {
	d := openConsole(t)
	none, viewer := d.staff("none"), d.staff("viewer", account.ViewSession)
	says := map[string]string{"none": denied, "viewer": "event: beat\ndata: 1\n\n"}
	for name, path := range map[string]string{"none": "/admin/stream/?samples", "viewer": "/admin/stream/"} {
		d.monitor.add(monitor.Counters{Sessions: 4711})
		a := d.as(name).Get(path)
		s := &stream{d: d, body: a.Body}
		if got, want := s.next(), "retry: 3000\n\n"+says[name]; a.StatusCode != 200 || got != want {
			t.Errorf("GET %s of %s = %d, %q; want 200, %q", path, name, a.StatusCode, got, want)
		}
		user := map[string]account.User{"none": none, "viewer": viewer}[name]
		user.Active, user.Version = false, 0
		if _, err := d.accounts.UpdateUser(t.Context(), owner, user); err != nil {
			t.Fatal(err)
		}
		s.ends("for "+name+", who was disabled,", "revoked")
	}
}

// Reloading the page often does not run into the bound: a browser that has gone
// is noticed at once.
func TestStream_BrowserGoes(t *testing.T) {
	d := openConsole(t)
	d.staff("viewer", account.ViewSession)
	b := d.as("viewer")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &fasthttp.Server{Handler: d.handler, ReadTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	for range 20 {
		conn, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "GET /admin/stream/ HTTP/1.1\r\nHost: localhost\r\nCookie: adminid="+b.Jar["adminid"]+"\r\n\r\n")
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || answer.StatusCode != 200 || !answer.Close {
			t.Fatalf("GET /admin/stream/ = %v, %v; want 200 and Connection: close", answer, err)
		}
		_ = conn.Close()
	}
	close(d.done)
	if err := errors.Join(server.Shutdown(), <-served); err != nil {
		t.Error(err)
	}
}
