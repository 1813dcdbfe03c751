package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func scsForTest(t *testing.T) peerServer {
	t.Helper()
	app, err := scsPeer()
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// needRedis skips where there is none; CI has it.
func needRedis(t *testing.T) {
	t.Helper()
	for _, program := range []string{redisProgram, "sh"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the redis peer is not tested: %v", err)
		}
	}
}

func redisForTest(t *testing.T) *redisApp {
	t.Helper()
	needRedis(t)
	app, err := startRedisApp(t.TempDir())
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

// Every peer with sessions keeps the promise that is measured: a live id gets
// the page and its cookie again, for the idle time; any other gets none.
func TestPeers_RefreshAndExpire(t *testing.T) {
	for name, app := range map[string]peerServer{"memory": memoryPeer(), "scs": scsForTest(t), "redis": redisForTest(t)} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, app)
			id := seedTest(t, url, 1)[0]
			if _, err := prove(load{url: url + "/get/", ids: []string{id}, expect: expectation{marker: liveMarker, cookie: true}}); err != nil {
				t.Error(err)
			}
			req, _ := http.NewRequestWithContext(t.Context(), "GET", url+"/get/", nil)
			req.AddCookie(&http.Cookie{Name: cookieName, Value: id})
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var age int
			for _, c := range resp.Cookies() {
				if c.Name == cookieName && c.Value == id {
					age = c.MaxAge
				}
			}
			// scs rounds up to the next second.
			if age < 20 || age > 21 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") || resp.ContentLength < 2000 {
				t.Errorf("/get/ = cookie for %d s, %v, %d bytes; want about 20 s, HTML, a page", age, resp.Header, resp.ContentLength)
			}
		})
	}
}

// What Redis is asked for is what the report claims of it.
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
	needRedis(t)
	before := redisArguments
	redisArguments = append([]string{"--no-such-option"}, before...)
	defer func() { redisArguments = before }()
	began := time.Now()
	if app, err := startRedisApp(t.TempDir()); err == nil || time.Since(began) > 10*time.Second {
		t.Errorf("startRedisApp = %v, %v after %s; want an error at once", app, err, time.Since(began))
	}
}

// However the peer ends, its Redis does too.
func TestRedisPeer_TakesRedisAlong(t *testing.T) {
	needRedis(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, end := range map[string]func(server){
		"stopped":     func(s server) { _ = s.stop() },
		"killed":      func(s server) { _ = s.cmd.Process.Kill() },
		"interrupted": func(s server) { _ = s.cmd.Process.Signal(syscall.SIGINT); _ = s.stop() },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			srv, err := selfStarter("redis")(t.Context(), workshop{self: self}, dir)
			if err != nil {
				t.Fatal(err)
			}
			if got := workersIn(dir); len(got) < 2 && procKnown() {
				t.Errorf("processes in the peer's folder: %v; want the peer and Redis", got)
			}
			end(srv)
			<-srv.done
			for began := time.Now(); len(workersIn(dir)) > 0 && time.Since(began) < 10*time.Second; {
				time.Sleep(10 * time.Millisecond)
			}
			if left := workersIn(dir); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// workersIn lists the processes that work in a folder, on Linux.
func workersIn(dir string) []string {
	var found []string
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, dir) {
			found = append(found, link)
		}
	}
	return found
}

func procKnown() bool {
	_, err := os.Stat("/proc/self/cwd")
	return err == nil
}

func TestConstantPeer(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	page := "<p>" + liveMarker + strings.Repeat(".", 2400)
	given := []byte(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\nX-Frame-Options: DENY\r\n\r\n%s", len(page), page))
	for name, test := range map[string]struct {
		answer []byte
		header string
		want   func(size int) bool
	}{
		"as many bytes as ours": {given, "DENY", func(size int) bool { return size == len(page) }},
		"ours was not asked":    {nil, "", func(size int) bool { return size > 2000 }},
	} {
		t.Run(name, func(t *testing.T) {
			srv, err := startConstant(t.Context(), workshop{self: self, answer: test.answer}, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = srv.stop() }()
			size, err := prove(load{url: srv.url + "/get/", expect: expectation{marker: liveMarker}})
			if err != nil || !test.want(size) {
				t.Errorf("/get/ has %d bytes, %v", size, err)
			}
			resp, err := http.Get(srv.url + "/get/")
			if err != nil {
				t.Fatal(err)
			}
			if got := resp.Header.Get("X-Frame-Options"); resp.Body.Close() != nil || got != test.header {
				t.Errorf("/get/ has X-Frame-Options %q; want %q", got, test.header)
			}
		})
	}
}

func TestChoosePeers_LeavesOutWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, p := range choosePeers(nil) {
		if p.name == "redis" {
			t.Error("redis is among the peers without redis-server")
		}
	}
	if got := choosePeers([]string{"redis"}); len(got) != 1 {
		t.Errorf("asked for redis by name: %v; want it, to fail and say so", got)
	}
}
