package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// The apps of docs/CLOCK.md have at most 30 lines and show the clock: it counts down, warns,
// extends, and ends.
func TestBrowserElement_Apps(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile(filepath.Join(root, "docs/CLOCK.md"))
	if err != nil {
		t.Fatal(err)
	}
	apps := regexp.MustCompile("(?ms)^```go clock-(\\w+)\n(.*?)^```$").FindAllStringSubmatch(string(doc), -1)
	if len(apps) != 3 {
		t.Fatalf("docs/CLOCK.md has %d apps; want 3", len(apps))
	}
	for _, app := range apps {
		t.Run(app[1], func(t *testing.T) {
			t.Parallel()
			if n := strings.Count(app[2], "\n"); n > 30 {
				t.Errorf("the app has %d lines; want at most 30", n)
			}
			useClock(t, startApp(t, app[1], app[2], "6*time.Second"))
		})
	}
}

// startApp builds an app as a module beside this one, with another idle timeout, and starts it.
func startApp(t *testing.T, name, code, idle string) *server {
	t.Helper()
	dir, addr := t.TempDir(), freeAddr(t)
	module, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	from := module
	mod := fmt.Sprintf("module app\n\ngo 1.26\n\nrequire pagesession v0.0.0\n\nreplace pagesession => %s\n", module)
	if name == "fiberv3" {
		from = filepath.Join(module, "session/fiberv3")
		mod += fmt.Sprintf("\nrequire pagesession/session/fiberv3 v0.0.0\n\nreplace pagesession/session/fiberv3 => %s\n", from)
	}
	sums, err := os.ReadFile(filepath.Join(from, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	code = strings.NewReplacer("127.0.0.1:3000", addr, "20*time.Second", idle).Replace(code)
	for file, content := range map[string]string{"main.go": code, "go.mod": mod, "go.sum": string(sums)} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-mod=mod", "-o", "app", ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	cmd := exec.Command(filepath.Join(dir, "app"))
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	s := &server{t: t, addr: addr, url: "http://" + addr}
	s.awaits()
	return s
}

// awaits waits until an app answers.
func (s *server) awaits() {
	s.t.Helper()
	for end := time.Now().Add(testkit.Patience); ; time.Sleep(10 * time.Millisecond) {
		if res, err := http.Get(s.url + "/session/"); err == nil {
			res.Body.Close()
			return
		}
		if time.Now().After(end) {
			s.t.Fatal("the app does not answer")
		}
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

// part is a part of the element.
func part(name string) string { return shadow + `.querySelector('[part~=` + name + `]')` }

// shadow is where the element draws.
const shadow = `document.querySelector('session-clock').shadowRoot`

// state is an expression for whether the element has a state.
func state(name string) string {
	return `document.querySelector('session-clock').matches('[state~=` + name + `]')`
}

// watching keeps the element's events, and each number that it shows: one stands for a second,
// which a busy machine may miss.
const watching = `self.news = []; self.shown = [];
	for (const name of ['warning', 'extended', 'ended']) addEventListener('session-' + name, (e) => news.push(name + ' ' + e.detail.reason));
	addEventListener('DOMContentLoaded', () => queueMicrotask(() => {
		const number = ` + shadow + `.querySelector('[part~=number]');
		const keep = () => { if (number.textContent && number.textContent !== shown.at(-1)) shown.push(number.textContent); };
		keep();
		new MutationObserver(keep).observe(number, {childList: true});
	}))`

// useClock watches the element for sessions of 6 s.
func useClock(t *testing.T, s *server) {
	b := open(t, s, time.Minute)
	b.before(watching)
	b.open("/")
	b.until("the count to run down", `shown.join().startsWith('6,5') && `+state("live"))
	if words := eval[string](b, part("unit")+`.textContent`); words != "seconds left" {
		t.Errorf("the unit is %q; want seconds left", words)
	}
	// A stroke that lies between two pixels is cut off at the edge otherwise.
	if overflow := eval[string](b, `getComputedStyle(`+part("ring")+`).overflow`); overflow != "visible" {
		t.Errorf("the ring's overflow is %s; want visible", overflow)
	}
	b.until("the warning", part("dialog")+`.open`)
	b.shootScreen("element-warning")
	b.pressOn(part("button"))
	b.until("more time", `news.includes('extended ')`)
	b.until("the end", state("ended")+` && !`+part("notice")+`.hidden`)
	if text := eval[string](b, part("notice")+`.innerText`); text != "Your session has ended." {
		t.Errorf("the text of the end is %q", text)
	}
	if news := eval[[]string](b, `news`); strings.Join(news, ",") != "warning ,extended ,warning ,ended idle" {
		t.Errorf("the events are %q", news)
	}
	b.axe("the app")
	b.forgive("favicon.ico")
	other := b.another()
	other.open("/")
	b.until("the session of another tab", state("live"))
	other.forgive("favicon.ico")
}

// pressOn clicks what an expression finds.
func (b *tab) pressOn(expression string) {
	b.t.Helper()
	eval[bool](b, `(`+expression+`.click(), true)`)
}
