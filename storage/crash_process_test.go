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

// A process is the parent's view of a crash child.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer
	killed bool
}

// startChild runs this test binary as a child on a session file; wrap is put in
// front of its command line.
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

// kill ends the child as kill -9 does and returns when it is dead.
func (p *process) kill() time.Duration {
	if !p.killed {
		p.killed = true
		_ = p.cmd.Process.Kill()
		_ = p.in.Close() // a child behind strace lives on until then
		_ = p.cmd.Wait()
		if bytes.Contains(p.stderr.Bytes(), []byte("DATA RACE")) || bytes.Contains(p.stderr.Bytes(), []byte("panic")) {
			p.t.Errorf("the child says:\n%s", p.stderr.Bytes())
		}
	}
	return storage.SystemClock().Boot()
}

// send writes one line to the child. It may be dead already.
func (p *process) send(format string, args ...any) { _, _ = fmt.Fprintf(p.in, format+"\n", args...) }

// next returns the child's next whole line, its time and its words; the last
// one of a dead child is followed by no words.
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

// found reads what the child found when it opened the storage; false if it died
// before it was ready.
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

// parseEvent reads a line of the ledger; false for one that is about no call.
func parseEvent(at time.Duration, words []string) (event, bool) {
	e := event{at: at, verb: words[0]}
	switch words[0] {
	case "yes", "no", "err":
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
