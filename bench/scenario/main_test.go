package scenario

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
)

// TestMain lets the test binary run as what the bench starts: a peer, the bench
// itself, a peer that crashes, or a stand-in for the product.
func TestMain(m *testing.M) {
	os.Setenv("GORACE", "atexit_sleep_ms=0") // saves a second for each child
	how := os.Getenv("PAGESESSION_BENCH_TEST")
	switch {
	case how == "dying" && len(os.Args) > 1 && os.Args[1] == peer.Argument:
		serveDying(os.Args[len(os.Args)-1])
	case len(os.Args) > 1 && os.Args[1] == peer.Argument:
		if err := peer.Serve(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	case len(os.Args) > 1 && os.Args[1] == "--addr":
		serveStandIn(os.Args[2], how)
	case how == "main":
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		err := Command(ctx, os.Args[1:], os.Stdout)
		stop()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	_ = flag.Set("test.parallel", "6") // a scenario mostly waits
	code := m.Run()
	if builtDir != "" {
		_ = os.RemoveAll(builtDir)
	}
	os.Exit(code)
}

// builtDir is the folder of the product, "" until a test needs it.
var builtDir string

// built builds the product, once for all tests that need the real one.
var built = sync.OnceValues(func() (product string, err error) {
	if builtDir, err = os.MkdirTemp("", "pagesession-bench-test-"); err != nil {
		return "", err
	}
	return peer.Build(context.Background(), builtDir)
})

// testBench prepares a run of a scenario with the real product.
func testBench(t *testing.T, s Scenario, o Options) *Bench {
	t.Helper()
	product, err := built()
	if err != nil {
		t.Fatal(err)
	}
	b := &Bench{Options: &o, scenario: s, dir: t.TempDir(), progress: t.Output()}
	b.Product = product
	if b.Self, err = os.Executable(); err != nil {
		t.Fatal(err)
	}
	b.Report = b.newReport(report.Machine{FsyncMS: 1})
	return b
}

// runTest runs a whole scenario with the real product, and checks that its charts are
// written.
func runTest(t *testing.T, s Scenario, change func(*Options), charts ...string) *report.Report {
	t.Helper()
	if _, err := os.Stat("/proc/self/io"); err != nil {
		t.Skipf("scenarios are tested where there is a /proc: %v", err)
	}
	o := s.options()
	change(&o)
	b := testBench(t, s, o)
	if err := b.do(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Report.Print(t.Output())
	dir := t.TempDir()
	if err := b.Report.Write(dir, s.Name); err != nil {
		t.Error(err)
	}
	for _, name := range append(charts, s.Name+".json") {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err != nil || len(data) < 100 {
			t.Errorf("%s = %.20q, %v; want a file", name, data, err)
		}
	}
	return b.Report
}

func wantGood(t *testing.T, r *report.Report) {
	t.Helper()
	if r.Failed(true) {
		t.Errorf("bad = %q; want none", r.Bad)
	}
}

// checkBad checks that exactly one check failed, with want in its text, or none for "".
func checkBad(t *testing.T, name string, r *report.Report, want string) {
	t.Helper()
	bad := r.Bad
	for _, c := range r.Comparisons {
		if c.Missed {
			bad = append(bad, c.String())
		}
	}
	if want == "" && len(bad) > 0 || want != "" && (len(bad) != 1 || !strings.Contains(bad[0], want)) {
		t.Errorf("%s: bad = %q; want %q", name, bad, want)
	}
}

// serve runs a handler on a free port until the test ends and returns its URL.
func serve(t *testing.T, handler fasthttp.RequestHandler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &fasthttp.Server{Handler: handler}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(listener) }()
	t.Cleanup(func() {
		if err := s.Shutdown(); err != nil {
			t.Errorf("shut down the server: %v", err)
		}
		<-ended
	})
	return "http://" + listener.Addr().String()
}

// A shop is a small product with a choice of mistakes.
type shop struct {
	mistake string
	mu      sync.Mutex // protects what follows
	live    map[string]bool
	ids     int
}

func (s *shop) handle(c *fasthttp.RequestCtx) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live == nil {
		s.live = map[string]bool{}
	}
	id := string(c.Request.Header.Cookie(load.CookieName))
	switch string(c.Path()) {
	case "/set/":
		s.set(c)
	case "/get/":
		s.get(c, id)
	case "/session/":
		s.peek(c, id)
	case "/del/":
		delete(s.live, id)
		c.SetBodyString("You " + deletedMarker + " successfully")
		if s.mistake == "not deleted" {
			c.SetStatusCode(fasthttp.StatusServiceUnavailable)
		}
	case "/readyz":
	default:
		c.SetStatusCode(fasthttp.StatusNotFound)
	}
}

func (s *shop) set(c *fasthttp.RequestCtx) {
	s.ids++
	id := fmt.Sprintf("A%d", s.ids)
	s.live[id] = s.mistake != "lost"
	c.SetBodyString(load.CreatedMarker)
	if s.mistake != "no cookie" {
		c.Response.Header.Set("Set-Cookie", load.CookieName+"="+id+"; Path=/")
	}
}

func (s *shop) get(c *fasthttp.RequestCtx, id string) {
	switch {
	case !s.live[id] && s.mistake == "fails when gone":
		c.SetStatusCode(fasthttp.StatusInternalServerError)
		return
	case !s.live[id] && s.mistake != "revived":
		c.SetBodyString("Your session has Expired...")
		return
	case s.mistake == "another's cookie":
		id = "B" + id
	}
	c.Response.Header.Set("Set-Cookie", load.CookieName+"="+id)
	c.SetBodyString(load.LiveMarker)
}

func (s *shop) peek(c *fasthttp.RequestCtx, id string) {
	state, name := load.StateEnded, ""
	if s.live[id] || s.mistake == "revived" {
		state, name = load.StateLive, load.VisitorName
	}
	switch s.mistake {
	case "another's name":
		name = "Eve"
	case "peek refreshes":
		c.Response.Header.Set("Set-Cookie", load.CookieName+"="+id)
	}
	fmt.Fprintf(c, `{"state":%q,"name":%q}`, state, name)
}

// serveStandIn runs the test binary as the product: the shop behind the product's
// arguments, ready after a moment, stopped by SIGTERM. how can make the stop fail.
func serveStandIn(addr, how string) {
	ready, s := time.Now().Add(100*time.Millisecond), &shop{}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		_ = fasthttp.ListenAndServe(addr, func(c *fasthttp.RequestCtx) {
			if s.handle(c); time.Now().Before(ready) {
				c.SetStatusCode(fasthttp.StatusServiceUnavailable)
			}
		})
	}()
	<-stop
	if how == "stop badly" {
		os.Exit(3)
	}
	os.Exit(0)
}

// serveDying serves a page 200 times and crashes.
func serveDying(addr string) {
	var served atomic.Int64
	_ = fasthttp.ListenAndServe(addr, func(c *fasthttp.RequestCtx) {
		if served.Add(1) > 200 {
			panic("as planned")
		}
		c.SetBodyString(load.LiveMarker)
	})
}

func checkEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind in the folder: %v, %v", left, err)
	}
}

// checkNoneIn checks that no process works in the folder, on Linux.
func checkNoneIn(t *testing.T, dir string) {
	t.Helper()
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, dir) {
			t.Errorf("process %s still works in %s", link, dir)
		}
	}
}
