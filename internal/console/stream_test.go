package console_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
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
	a := b.Get("/admin/stream/", opts...)
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

// ends fails the test unless the stream ends with the next second.
func (s *stream) ends(when string) {
	s.d.t.Helper()
	s.d.monitor.add(monitor.Counters{Sessions: 99})
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
	for _, part := range []string{"retry: 3000\n\n", "id: 2\ndata: [[1795384800,7,1.5,", ",[1795384801,8,0,0,0,0,0,0,0,1.5,null,null,null,0,null,null,0,0,0,0,0]]\n\n"} {
		if !strings.Contains(first, part) {
			t.Errorf("the first event is %q; want %q in it", first, part)
		}
	}
	d.monitor.add(monitor.Counters{Sessions: 9})
	if got := s.next(); !strings.HasPrefix(got, "id: 3\ndata: [[1795384802,9,") || !strings.HasSuffix(got, "]]\n\n") {
		t.Errorf("the next event is %q; want the third sample alone", got)
	}
	again := d.as("viewer").watch(testkit.Header("Last-Event-ID", "2"))
	defer again.close()
	if got := again.next(); strings.Contains(got, ",7,1.5,") || !strings.Contains(got, "id: 3\ndata: [[1795384802,9,") {
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
	s.ends("after the end of the operator's session")

	s = open()
	if _, err := d.accounts.SetPassword(t.Context(), owner, viewer.ID, password+"8"); err != nil {
		t.Fatal(err)
	}
	s.ends("after a change of password")
	if _, err := d.accounts.SetPassword(t.Context(), owner, viewer.ID, password); err != nil {
		t.Fatal(err)
	}

	s = open()
	viewer.Permissions, viewer.Version = nil, 0
	if _, err := d.accounts.UpdateUser(t.Context(), owner, viewer); err != nil {
		t.Fatal(err)
	}
	s.ends("without the permission")
	d.as("viewer").get("/admin/stream/").Wants(403)

	s = d.as("ada").watch()
	s.next()
	close(d.done)
	if got := s.next(); got != "" {
		t.Errorf("when the server stops the stream says %q; want its end", got)
	}
	s.close()
}

// A stream ends when its operator has to set up a second factor before anything else, as one
// who becomes a superuser.
func TestStream_EndsForTheSetUp(t *testing.T) {
	d := openConsoleOn(t, t.TempDir(), account.Config{SecretKey: secretKey(), Required: account.Superusers})
	d.superuser("ada")
	viewer := d.staff("viewer", account.ViewSession)
	s := d.as("viewer").watch()
	s.next()
	viewer.Superuser, viewer.Version = true, 0
	if _, err := d.accounts.UpdateUser(t.Context(), owner, viewer); err != nil {
		t.Fatal(err)
	}
	s.ends("for a superuser without a second factor")
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
	first.ends("15 minutes after the last click")
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
	if a := b.get("/admin/stream/").Wants(503, "Temporarily unavailable"); a.Header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
	open[0].close()
	open[0].close() // the engine may
	b.watch().close()
	b.Do("HEAD", "/admin/stream/").Wants(200)
	b.watch()
	b.get("/admin/stream/").Wants(503)
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

func TestHome_WhoSeesWhat(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	d.staff("none")
	d.staff("viewer", account.ViewSession)
	d.visitor("Pema")
	d.monitor.add(monitor.Counters{Sessions: 4711, Memory: 64 << 20})
	numbers := []string{"4\u202f711", "64 MiB", "<polyline", `data-stream="/admin/stream/"`, "uplot"}
	d.run(t, []scenario{
		{path: "/admin/", status: 303, leads: "/admin/login/?next=%2Fadmin%2F"},
		{who: "none", path: "/admin/", status: 200, contains: []string{"You have no permissions in this console", "Your recent actions"}, lacks: numbers},
		{who: "viewer", path: "/admin/", status: 200, contains: numbers, lacks: []string{"Pema"}},
		{who: "ada", path: "/admin/", status: 200, contains: numbers},
		{path: "/admin/stream/", status: 303},
		{who: "none", path: "/admin/stream/", status: 403, lacks: []string{"data:"}},
		{who: "ada", method: "POST", path: "/admin/stream/", form: []string{}, status: 405},
	})
}

// A user's actions are on that user's first page only.
func TestHome_RecentActions(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	d.superuser("ben")
	h := d.visitor("Pema")
	d.as("ada").post("/admin/sessions/" + h.String() + "/end/").Wants(303)
	d.as("ada").get("/admin/").Wants(200, "ended session <b>"+h.Fingerprint())
	d.as("ben").get("/admin/").Wants(200, "No actions yet").Lacks(h.Fingerprint())
}
