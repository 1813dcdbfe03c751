package storage_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"pagesession/storage"
	"pagesession/storage/record"
)

// A process is a crash child, as its parent sees it.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer
	killed bool
}

// startChild runs this test binary as a child on a session file. The command line
// begins with wrap.
func startChild(t *testing.T, path string, seed uint64, workers int, wrap ...string) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := append(wrap, exe)
	p := &process{t: t, cmd: exec.Command(args[0], args[1:]...)}
	p.cmd.Env = append(os.Environ(), childEnv+"="+path,
		fmt.Sprintf("%s_SEED=%d", childEnv, seed), fmt.Sprintf("%s_WORKERS=%d", childEnv, workers))
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.ExtraFiles = []*os.File{w}
	p.cmd.WaitDelay = 10 * time.Second
	p.cmd.Stderr, p.out = &p.stderr, bufio.NewReaderSize(r, 1<<20)
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	t.Cleanup(func() { p.kill(); _ = r.Close() })
	return p
}

// kill ends the child as kill -9 does, and returns when it is gone.
func (p *process) kill() time.Duration {
	if !p.killed {
		p.killed = true
		_ = p.cmd.Process.Kill()
		_ = p.in.Close() // a child under strace runs until its input ends
		_ = p.cmd.Wait()
		if bytes.Contains(p.stderr.Bytes(), []byte("DATA RACE")) || bytes.Contains(p.stderr.Bytes(), []byte("panic")) {
			p.t.Errorf("the child wrote:\n%s", p.stderr.Bytes())
		}
	}
	return storage.SystemClock().Boot()
}

// send writes one line to the child, which may be gone already.
func (p *process) send(format string, args ...any) { _, _ = fmt.Fprintf(p.in, format+"\n", args...) }

// next returns the time and the words of the child's next whole line. After the last
// line of a dead child it returns no words.
func (p *process) next() (time.Duration, []string) {
	line, err := p.out.ReadString('\n')
	words := strings.Fields(line)
	if err != nil || len(words) < 2 {
		return 0, nil
	}
	if words[1] == "fault" {
		p.t.Errorf("the child reports: %s", line)
	}
	var at int64
	_, _ = fmt.Sscan(words[0], &at)
	return time.Duration(at), words[1:]
}

// found reads what the child found when it opened the storage. It returns false if
// the child died before it was ready.
func (p *process) found() (snapshot, bool) {
	s := snapshot{live: map[record.Key]sighting{}}
	for {
		switch _, words := p.next(); {
		case words == nil:
			return s, false
		case words[0] == "ready":
			_, _ = fmt.Sscan(words[1]+" "+words[2], (*int64)(&s.from), (*int64)(&s.to))
			return s, true
		case words[0] == "have":
			var k []byte
			var x sighting
			_, _ = fmt.Sscanf(words[1], "%x", &k)
			_, _ = fmt.Sscan(words[2]+" "+words[3], (*int64)(&x.dueMin), (*int64)(&x.dueMax))
			x.digest = words[4]
			s.live[record.Key(k)] = x
		}
	}
}

// drain reads the rest of a dead child's ledger.
func (p *process) drain(l *ledger) {
	for {
		at, words := p.next()
		if words == nil {
			return
		}
		if e, ok := parseEvent(at, words); ok {
			l.apply(e)
		}
	}
}

// parseEvent reads a line of the ledger. It returns false for a line that is not
// about a call.
func parseEvent(at time.Duration, words []string) (event, bool) {
	e := event{at: at, verb: words[0]}
	switch words[0] {
	case "yes", "no", "err", "later":
		_, err := fmt.Sscan(words[1], &e.n)
		return e, err == nil
	case "ask":
		e.verb = words[2]
		_, _ = fmt.Sscan(words[1], &e.n)
	default:
		return e, false
	}
	switch w := words[3:]; e.verb {
	case "create":
		e.id, e.digest = w[0], w[1]
		_, _ = fmt.Sscan(w[2]+" "+w[3], (*int64)(&e.idle), (*int64)(&e.absolute))
	case "replace":
		e.id, e.digest = w[0], w[1]
	case "rotate":
		e.id, e.to, e.digest = w[0], w[1], w[2]
	case "refresh", "end":
		e.id = w[0]
	}
	return e, true
}
