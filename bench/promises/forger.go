//go:build linux

package promises

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/bench/load"
	"pagesession/storage/record"
)

// A forger is a visitor with forged cookies. It writes its requests byte by byte, because
// a client's library would repair them. It is for one goroutine.
type forger struct {
	*arena
	host string
	rng  *rand.Rand
	prey []*account
	conn net.Conn // nil: none
	in   *bufio.Reader
}

func (a *arena) forger(s *server, prey []*account) *forger {
	return &forger{arena: a, host: strings.TrimPrefix(s.URL, "http://"), prey: prey, rng: rand.New(rand.NewPCG(a.rng.Uint64(), 0))}
}

func (f *forger) close() {
	if f.conn != nil {
		_ = f.conn.Close()
		f.conn = nil
	}
}

// A trial is a request with a forged cookie, and what must not be answered.
type trial struct {
	method, path, body string
	wrong              func(r *fasthttp.Response) string // "": nothing
}

// try sends one forged cookie with one request.
func (f *forger) try() {
	x, y := f.prey[f.rng.IntN(len(f.prey))].id, f.prey[f.rng.IntN(len(f.prey))].id
	cookie := forge(f.rng, x, y)
	if issuedIn(cookie, x, y) {
		return
	}
	if f.rng.IntN(20) == 0 {
		f.create(cookie, x, y)
		return
	}
	t := trials()[f.rng.IntN(len(trials()))]
	f.ledger.count()
	r, err := f.send(t.method, t.path, cookie, t.body)
	if err != nil {
		return // the server closes what it cannot read
	}
	defer fasthttp.ReleaseResponse(r)
	f.judge(t, cookie, r)
}

// judge judges an answer.
func (f *forger) judge(t trial, cookie string, r *fasthttp.Response) {
	wrong := ""
	switch {
	case r.StatusCode() >= fasthttp.StatusInternalServerError:
		wrong = "a server error"
	case r.StatusCode() < fasthttp.StatusBadRequest && t.wrong != nil:
		wrong = t.wrong(r)
	}
	if wrong == "" && issued(r) != "" {
		wrong = "an id"
	}
	if wrong == "" && bytes.Contains(r.Body(), []byte("bench-")) {
		wrong = "the name of a session"
	}
	if wrong != "" {
		f.ledger.fault("P7", "%s with the cookie %.120q was answered %d with %s: %.200q", t.path, cookie, r.StatusCode(), wrong, r.Body())
	}
}

// trials are the requests that need a session, and must not find one.
func trials() []trial {
	accepted := func(*fasthttp.Response) string { return "yes" }
	return []trial{
		{fasthttp.MethodGet, "/session/", "", foundState},
		{fasthttp.MethodGet, "/session/", "", foundState},
		{fasthttp.MethodGet, "/session/", "", foundState},
		{fasthttp.MethodGet, "/get/", "", nil},
		{fasthttp.MethodGet, "/", "", nil},
		{fasthttp.MethodPost, "/del/", "", nil},
		{fasthttp.MethodPost, "/session/refresh/", "", accepted},
		{fasthttp.MethodPost, "/session/timeout/", `{"idle_timeout_ms":60000}`, accepted},
	}
}

// foundState is what is wrong with an answer of GET /session/.
func foundState(r *fasthttp.Response) string {
	var got clocked
	if err := json.Unmarshal(r.Body(), &got); err != nil {
		return err.Error()
	}
	if load.KnownState(got.State, got.Reason) != record.None.String() || got.Name != "" || got.RemainingMS != nil && *got.RemainingMS != 0 {
		return "a session"
	}
	return ""
}

// create asks for a session with a forged cookie: the server starts a new one under an id
// of its own.
func (f *forger) create(cookie string, offered ...string) {
	name := f.names.next()
	o := f.ledger.ask(verbCreate, nil, name, time.Hour)
	r, err := f.send(fasthttp.MethodGet, "/set/?name="+name, cookie, "")
	if err != nil {
		return
	}
	defer fasthttp.ReleaseResponse(r)
	id := issued(r)
	if r.StatusCode() != fasthttp.StatusOK || id == "" {
		f.ledger.settle(o, no)
		f.judge(trial{path: "/set/"}, cookie, r)
		return
	}
	if strings.Contains(cookie, id) || slices.Contains(offered, id) {
		f.ledger.fault("P7", "/set/ with the cookie %.120q took over an id that was offered", cookie)
	}
	f.ledger.issue(o, id)
}

// issued is the id in the answer's cookie, "" without one.
func issued(r *fasthttp.Response) string {
	pair, _, _ := bytes.Cut(r.Header.PeekCookie(load.CookieName), []byte(";"))
	_, value, _ := bytes.Cut(pair, []byte("="))
	return strings.Trim(string(value), `" `)
}

// send sends a request as it is. The caller releases the answer.
func (f *forger) send(method, path, cookie, body string) (*fasthttp.Response, error) {
	if f.conn == nil {
		conn, err := net.DialTimeout("tcp", f.host, patience)
		if err != nil {
			return nil, err
		}
		f.conn, f.in = conn, bufio.NewReader(conn)
	}
	_ = f.conn.SetDeadline(time.Now().Add(patience)) // fails on a closed connection, as the next write does
	_, err := fmt.Fprintf(f.conn, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nCookie: %s\r\n\r\n%s",
		method, path, f.host, len(body), cookie, body)
	r := fasthttp.AcquireResponse()
	if err == nil {
		err = r.Read(f.in)
	}
	if err != nil {
		fasthttp.ReleaseResponse(r)
		f.close()
		return nil, err
	}
	if r.ConnectionClose() {
		f.close()
	}
	return r, nil
}
