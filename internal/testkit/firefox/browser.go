package firefox

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"time"

	"golang.org/x/net/websocket"

	"pagesession/internal/testkit/unprivileged"
)

const (
	// startTime bounds a start, which takes two seconds on an idle machine.
	startTime = 60 * time.Second

	// caller is what the tests' WebSocket calls itself. Firefox refuses others, so no page
	// can drive the browser.
	caller = "http://127.0.0.1"

	// listening is what Firefox writes before the address of its WebSocket.
	listening = "WebDriver BiDi listening on "
)

// A Browser is a running Firefox. It is safe for concurrent use.
type Browser struct {
	dir     string
	process *unprivileged.Process
	link    *link
}

// Start starts a Firefox without tabs. It runs without the rights of root. Close ends it.
func Start() (*Browser, error) {
	path, err := program()
	if err != nil {
		return nil, err
	}
	dir, err := newProfile()
	if err != nil {
		return nil, err
	}
	b := &Browser{dir: dir}
	if err := b.start(path); err != nil {
		return nil, errors.Join(fmt.Errorf("start Firefox: %w", err), b.Close())
	}
	return b, nil
}

func (b *Browser) start(path string) (err error) {
	cmd := exec.Command(path, "--headless", "--no-remote", "--profile", b.dir, "--remote-debugging-port", "0", "--remote-allow-origins", caller)
	cmd.Dir = b.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + b.dir, "TMPDIR=" + b.dir, "LC_ALL=C.UTF-8", "MOZ_CRASHREPORTER_DISABLE=1"}
	if b.process, err = unprivileged.Start(cmd, listening, time.Now().Add(startTime)); err != nil {
		return err
	}
	address := regexp.MustCompile(listening + `(ws://\S+)`).FindStringSubmatch(b.process.Log())
	if address == nil {
		return fmt.Errorf("no address in %q", b.process.Log())
	}
	ws, err := websocket.Dial(address[1]+"/session", "", caller)
	if err != nil {
		return err
	}
	b.link = newLink(ws)
	return b.link.begin()
}

// Close ends the browser and removes its files. It waits until all processes have ended.
func (b *Browser) Close() error {
	if b.link != nil {
		_ = b.link.ask("browser.close", none{}, nil) // a browser that hangs is ended below
		b.link.close()
	}
	if b.process != nil {
		b.process.End("KILL")
	}
	return os.RemoveAll(b.dir)
}
