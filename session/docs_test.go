package session_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The apps of docs/SESSIONS.md are each built as a module beside this one, as a
// reader would build them.
func TestDocs_Apps(t *testing.T) {
	if testing.Short() {
		t.Skip("builds three programs")
	}
	doc, err := os.ReadFile("../docs/SESSIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	apps := regexp.MustCompile("(?ms)^```go (\\w+)\n(.*?)^```$").FindAllStringSubmatch(string(doc), -1)
	if len(apps) != 3 {
		t.Fatalf("docs/SESSIONS.md has %d apps; want 3", len(apps))
	}
	for _, app := range apps {
		t.Run(app[1], func(t *testing.T) {
			if n := strings.Count(app[2], "\n"); n > 40 {
				t.Errorf("the app has %d lines; want at most 40", n)
			}
			tryApp(t, app[1], app[2])
		})
	}
}

func tryApp(t *testing.T, name, code string) {
	dir := t.TempDir()
	addr := freeAddr(t)
	write(t, dir, "main.go", strings.Replace(code, "127.0.0.1:3000", addr, 1))
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	buildApp(t, dir, root, name)
	ctx, cancel := context.WithCancel(context.Background())
	server := exec.CommandContext(ctx, filepath.Join(dir, "app"))
	server.Dir = dir
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = server.Wait() })
	useApp(t, "http://"+addr)
}

// buildApp makes a module of the app and builds it with this module's dependencies.
func buildApp(t *testing.T, dir, root, name string) {
	t.Helper()
	mod := fmt.Sprintf("module app\n\ngo 1.26\n\nrequire pagesession v0.0.0\n\nreplace pagesession => %s\n", root)
	from := root
	if name == "fiberv3" {
		from = filepath.Join(root, "session", "fiberv3")
		mod += fmt.Sprintf("\nrequire pagesession/session/fiberv3 v0.0.0\n\nreplace pagesession/session/fiberv3 => %s\n", from)
	}
	write(t, dir, "go.mod", mod)
	sums, err := os.ReadFile(filepath.Join(from, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "go.sum", string(sums))
	build := exec.Command("go", "build", "-mod=mod", "-o", "app", ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
}

// useApp visits the app 200 times: the session goes on, and the visits share
// commits.
func useApp(t *testing.T, url string) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := visitor{t, url, &http.Client{Jar: jar, Timeout: 10 * time.Second}}
	for end := time.Now().Add(time.Minute); v.ask("GET", "/") == "" && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	v.ask("POST", "/name/Ada")
	const requests = 200
	before, begin := v.commits(), time.Now()
	for range requests {
		v.commits()
	}
	flushes := int(time.Since(begin)/(200*time.Millisecond)) + 2
	if n := v.commits() - before; n > flushes {
		t.Errorf("%d visits made %d commits; want at most %d, one each 200 ms", requests, n, flushes)
	}
}

type visitor struct {
	*testing.T
	url    string
	client *http.Client
}

// ask returns the body of a response; "": the server does not answer.
func (v visitor) ask(method, path string) string {
	v.Helper()
	req, err := http.NewRequest(method, v.url+path, nil)
	if err != nil {
		v.Fatal(err)
	}
	res, err := v.client.Do(req)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return string(body)
}

// commits visits the app and returns the number of commits on its page.
func (v visitor) commits() (n int) {
	v.Helper()
	body := v.ask("GET", "/")
	if _, err := fmt.Sscanf(body, "live Ada %d commits", &n); err != nil {
		v.Fatalf("GET / = %q; want a live session of Ada", body)
	}
	return n
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
