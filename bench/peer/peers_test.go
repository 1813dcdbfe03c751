package peer

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/bench/load"
	"pagesession/storage"
	"pagesession/storage/record"
)

func seconds0(n int64) time.Time { return time.UnixMicro(n * 1_000_001) }

// plainPage answers with the page without its values.
func plainPage(c *fiber.Ctx) error {
	c.Set("Set-Cookie", "sessionid=a; Max-Age=20")
	return c.SendString(load.LiveMarker + load.CreatedMarker)
}

// Every peer with sessions does what is measured: a live id gets the page and its
// cookie again, for the idle timeout; any other id gets another page.
func TestPeers_RefreshAndExpire(t *testing.T) {
	for _, p := range All() {
		if !p.Sessions {
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			w := workshop(t)
			if err := p.Prepare(t.Context()); err != nil {
				t.Skipf("peer %s is not tested: %v", p.Name, err)
			}
			dir := t.TempDir()
			srv, err := p.Start(t.Context(), w, dir)
			if err != nil {
				t.Fatal(err)
			}
			checkRefresh(t, srv.URL)
			if used, known := srv.CPUTime(); procKnown() && !known {
				t.Errorf("processor time = %v, %v; want it known", used, known)
			}
			_ = srv.Stop()
			checkNoneIn(t, dir)
		})
	}
}

func checkRefresh(t *testing.T, url string) {
	t.Helper()
	id := seed(t, url, 1)[0]
	if size, err := load.Verify(load.Load{URL: url + "/get/", IDs: []string{id}, Expect: load.Live()}); err != nil || size < 2000 {
		t.Errorf("Verify = %d bytes, %v; want the page", size, err)
	}
	req, _ := http.NewRequestWithContext(t.Context(), "GET", url+"/get/", nil)
	req.Header.Set("Cookie", load.CookieName+"="+id)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var age int
	for _, c := range resp.Cookies() {
		if c.Name == load.CookieName && c.Value == id {
			age = c.MaxAge
			if left := time.Until(c.Expires); age == 0 { // Express sends a date
				age = int(left.Seconds() + 1.5)
			}
		}
	}
	// scs rounds up to the next second.
	if age < 19 || age > 21 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") || resp.ContentLength < 2000 {
		t.Errorf("/get/ = cookie for %d s, %v, %d bytes; want about 20 s, HTML, a page", age, resp.Header, resp.ContentLength)
	}
}

// checkNoneIn checks that a stopped peer's processes end.
func checkNoneIn(t *testing.T, dir string) {
	t.Helper()
	for began := time.Now(); len(workersIn(dir)) > 0 && time.Since(began) < 10*time.Second; {
		time.Sleep(10 * time.Millisecond) // only its parent can wait for a process
	}
	if left := workersIn(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func redisForTest(t *testing.T) *redisApp {
	t.Helper()
	if err := installed(redisProgram, "sh"); err != nil {
		t.Skipf("the redis peer is not tested: %v", err)
	}
	app, err := startRedisApp(workshop(t).Page, t.TempDir(), redisArguments())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := app.Close(); err != nil {
			t.Error(err)
		}
	})
	return app
}

// Redis has the settings that the report names.
func TestRedisPeer_LogsToDisk(t *testing.T) {
	app := redisForTest(t)
	for option, want := range map[string]string{"appendonly": "yes", "appendfsync": "everysec", "save": "", "port": "0"} {
		got, err := app.client.ConfigGet(t.Context(), option).Result()
		if err != nil || got[option] != want {
			t.Errorf("redis-server has %s = %q, %v; want %q", option, got[option], err, want)
		}
	}
}

func TestStartRedis_Refused(t *testing.T) {
	redisForTest(t)
	began := time.Now()
	if app, err := startRedisApp(workshop(t).Page, t.TempDir(), []string{"--no-such-option"}); err == nil || time.Since(began) > 10*time.Second {
		t.Errorf("startRedisApp = %v, %v after %s; want an error at once", app, err, time.Since(began))
	}
}

// A peer's child process ends with the peer, however that ends.
func TestPeers_EndTheirChildren(t *testing.T) {
	for name, end := range map[string]func(Server){
		"killed":      func(s Server) { _ = s.cmd.Process.Kill() }, // Redis is a child of its peer
		"alone":       func(s Server) { _ = s.stdin.Close() },
		"interrupted": func(s Server) { _ = s.cmd.Process.Signal(syscall.SIGINT); _ = s.Stop() },
	} {
		for _, p := range Choose([]string{"redis", "django", "express"}) {
			if name != "alone" && p.Name != "redis" {
				continue // the others are children of the bench itself
			}
			t.Run(p.Name+" "+name, func(t *testing.T) {
				t.Parallel()
				if err := p.Prepare(t.Context()); err != nil {
					t.Skip(err)
				}
				dir := t.TempDir()
				srv, err := p.Start(t.Context(), workshop(t), dir)
				if err != nil {
					t.Fatal(err)
				}
				if got := workersIn(dir); len(got) < 1 && procKnown() {
					t.Errorf("processes in the peer's folder: %v; want some", got)
				}
				end(srv)
				<-srv.done
				checkNoneIn(t, dir)
			})
		}
	}
}

func TestConstantPeer(t *testing.T) {
	w := workshop(t)
	page := "<p>" + load.LiveMarker + strings.Repeat(".", 2400)
	w.Page.Answer = fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nX-Frame-Options: DENY\r\n\r\n%s", len(page), page)
	srv, err := Choose([]string{"constant"})[0].Start(t.Context(), w, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = srv.Stop() }()
	size, err := load.Verify(load.Load{URL: srv.URL + "/get/", Expect: load.Expectation{Marker: load.LiveMarker}})
	if err != nil || size != len(page) {
		t.Errorf("/get/ has %d bytes, %v; want the %d that were given", size, err, len(page))
	}
	resp, err := http.Get(srv.URL + "/get/")
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Header.Get("X-Frame-Options"); resp.Body.Close() != nil || got != "DENY" {
		t.Errorf("/get/ has X-Frame-Options %q; want that of the answer", got)
	}
}

func TestPrepare_SaysWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for name, want := range map[string]string{"redis": "redis-server is not installed", "express": "node is not installed", "django": "is not installed"} {
		err := Choose([]string{name})[0].Prepare(t.Context())
		if err == nil || name != "django" && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: Prepare = %v; want %q", name, err, want)
		}
	}
	if err := Choose([]string{"memory"})[0].Prepare(t.Context()); err != nil {
		t.Errorf("memory: Prepare = %v; want nil", err)
	}
}

func TestStartProduct_Refused(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, err = StartProduct(t.Context(), Workshop{Product: self}, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "in use by process 1") || time.Since(began) > 5*time.Second {
		t.Errorf("StartProduct error = %v after %s; want the product's message, at once", err, time.Since(began))
	}
}

// Written sessions are live in the product, all of them, and have the value that the
// product itself stores. It is not parallel, so that it runs before TestOnRedis: gob numbers a
// process's types in the order in which it meets them, and scs brings others.
func TestWriteSessions(t *testing.T) {
	dir := t.TempDir()
	ids, err := WriteSessions(t.Context(), dir, 300, LongLife(), 1)
	if err != nil {
		t.Fatal(err)
	}
	srv, err := StartProduct(t.Context(), workshop(t), dir)
	if err != nil {
		t.Fatal(err)
	}
	l := load.Load{URL: srv.URL + "/get/", IDs: ids, Expect: load.Live(), Connections: 4}
	if res, err := load.Each(t.Context(), l); err != nil || res.Good != 300 || !res.Flawless() {
		t.Errorf("Each = %+v, %v; want 300 good answers", res, err)
	}
	product := seed(t, srv.URL, 1)[0]
	if err := srv.Stop(); err != nil || srv.Crashed() {
		t.Fatalf("Stop = %v, crashed %v; want nil, false", err, srv.Crashed())
	}
	checkSameValue(t, dir, ids[0], product)
}

// checkSameValue compares a written session with one of the product's own.
func checkSameValue(t *testing.T, dir, written, product string) {
	t.Helper()
	store, err := storage.Open(storage.Config{Database: SessionFile(dir)})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	a, b := store.Peek(record.KeyOf(written)), store.Peek(record.KeyOf(product))
	if string(a.Value) != string(b.Value) || len(a.Value) == 0 {
		t.Errorf("written value %q; the product stores %q", a.Value, b.Value)
	}
	if a.IdleTimeout != LongLife().Idle || b.IdleTimeout != load.IdleTimeout {
		t.Errorf("idle timeouts %v, %v; want %v, %v", a.IdleTimeout, b.IdleTimeout, LongLife().Idle, load.IdleTimeout)
	}
}

func TestProcess_CrashIsSeen(t *testing.T) {
	t.Parallel()
	srv, err := StartProduct(t.Context(), workshop(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	alive, release := srv.WhileAlive(t.Context())
	defer release()
	if srv.Crashed() {
		t.Error("Crashed = true; want false of a running server")
	}
	_ = srv.cmd.Process.Kill() // not by the bench
	select {
	case <-alive.Done():
	case <-time.After(10 * time.Second):
		t.Error("the context did not end with the server")
	}
	if !srv.Crashed() {
		t.Error("Crashed = false; want true of a server that ended by itself")
	}
}

// The processor time of a process includes that of its child processes.
func TestCPUTime_CountsChildren(t *testing.T) {
	c, err := start(t.TempDir(), "sh", "-c", "(while :; do :; done) & read -r x; kill $!; wait")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.stdin.Close(); c.EndsWithin(10 * time.Second) }()
	own, known := usageOf(c.cmd.Process.Pid)
	if known != nil {
		t.Skipf("the usage of processes is unknown here: %v", known)
	}
	for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		if used, _ := c.CPUTime(); used >= own.CPU+50*time.Millisecond {
			return
		}
	}
	t.Error("the processor time of a busy child never counted")
}

// The library returns what the kernel counts. The kernel counts a page when it becomes
// dirty, and other tests write too, so the test asks the kernel before and after.
func TestUsage(t *testing.T) {
	if !procKnown() {
		t.Skip("usage is tested where there is a /proc")
	}
	file, err := os.CreateTemp(".", "written") // t.TempDir may be in memory, which is not counted
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	before, err := usageOf(os.Getpid())
	if err != nil || before.RSS < 1<<20 || before.Threads < 1 || before.Files < 3 {
		t.Fatalf("usageOf = %+v, %v; want this process", before, err)
	}
	if _, err := file.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	least := kernelWritten(t)
	after, err := usageOf(os.Getpid())
	most := kernelWritten(t)
	if err != nil || after.Written < least || after.Written > most || after.Files < before.Files {
		t.Errorf("usageOf = %+v, %v; want %d to %d bytes written", after, err, least, most)
	}
	if least < before.Written+1<<19 {
		t.Errorf("the kernel counted %d bytes written after %d; want about a MiB more", least, before.Written)
	}
	if _, err := usageOf(1 << 30); err == nil {
		t.Error("usageOf no process = nil; want an error")
	}
}

// kernelWritten returns the kernel's count of bytes that this process caused to be written.
func kernelWritten(t *testing.T) (bytes int64) {
	t.Helper()
	io, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(io), "\nwrite_bytes: ")
	if _, err := fmt.Sscanf(line, "%d", &bytes); err != nil {
		t.Fatal(err)
	}
	return bytes
}
