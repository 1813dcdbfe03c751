//go:build linux

package promises

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A step is something that was done to the session file.
type step struct {
	kind stepKind
	at   int64 // offset of a write, size of the others
	data []byte
	time time.Duration // when it began, by the boot clock; of a barrier, when it ended
}

type stepKind int

const (
	stepWrite stepKind = iota
	stepTruncate
	stepExtend  // it is at least that long
	stepBarrier // what was written before is durable
	stepRename  // the fresh file takes the old one's name
	stepNamed   // and that is durable
)

// recorder is the command in front of a server's whose writes are recorded.
func recorder(file string) []string {
	return []string{
		"strace", "-D", "-f", "--seccomp-bpf", "-e", "signal=none", "-ttt", "-T",
		"-e", "trace=pwrite64,ftruncate,fallocate,fdatasync,fsync,rename,renameat,renameat2",
		"-y", "-xx", "-s", strconv.Itoa(16 << 20), "-o", file,
	}
}

// readTrace reads what strace recorded of a server on a session file that was there
// before. A call that is shown in two halves counts where it began, a barrier where it
// ended.
func readTrace(name, path string) ([]step, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read the recorded writes: %w", err)
	}
	defer f.Close()
	t := &trace{path: path, pending: map[string]step{}, shift: now() - time.Duration(time.Now().UnixNano())}
	for in := bufio.NewReaderSize(f, 1<<20); ; {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return t.steps, nil
		}
		if err == nil {
			err = t.line(line)
		}
		if err != nil {
			return nil, fmt.Errorf("recorded line %.200q: %w", line, err)
		}
	}
}

// A trace is what was read so far.
type trace struct {
	path    string
	shift   time.Duration // from the wall clock, by which strace dates, to the boot clock
	steps   []step
	pending map[string]step // thread -> its barrier that is under way
	renamed bool
	named   bool // and that is durable
}

func (t *trace) line(line []byte) error {
	fields := bytes.SplitN(line, []byte(" "), 3)
	for len(fields) == 3 && len(fields[1]) == 0 { // a short process id is padded
		fields = bytes.SplitN(append(append(fields[0], ' '), bytes.TrimLeft(fields[2], " ")...), []byte(" "), 3)
	}
	if len(fields) < 3 {
		return nil
	}
	at, err := t.instant(fields[1])
	if err != nil {
		return nil // the end of a thread
	}
	thread, rest := string(fields[0]), fields[2]
	if bytes.HasPrefix(rest, []byte("<... ")) {
		if s, ok := t.pending[thread]; ok {
			delete(t.pending, thread)
			s.time = at
			t.add(s, rest)
		}
		return nil
	}
	call, args, _ := bytes.Cut(rest, []byte("("))
	s, ok, err := t.parse(string(call), args)
	if err != nil || !ok {
		return err
	}
	s.time = at
	if s.kind == stepBarrier || s.kind == stepNamed {
		if bytes.Contains(rest, []byte("<unfinished")) {
			t.pending[thread] = s
			return nil
		}
		s.time += took(rest)
	}
	t.add(s, rest)
	return nil
}

func (t *trace) instant(text []byte) (time.Duration, error) {
	seconds, micros, _ := strings.Cut(string(text), ".")
	whole, err1 := strconv.ParseInt(seconds, 10, 64)
	part, err2 := strconv.ParseInt(micros, 10, 64)
	if err1 != nil || err2 != nil {
		return 0, fmt.Errorf("no time: %q", text)
	}
	return time.Duration(whole)*time.Second + time.Duration(part)*time.Microsecond + t.shift, nil
}

// took reads the <0.000123> at the end of a line.
func took(line []byte) time.Duration {
	_, text, _ := bytes.Cut(line[max(0, bytes.LastIndexByte(line, '<')):], []byte("<"))
	seconds, err := strconv.ParseFloat(strings.TrimRight(string(text), ">\n "), 64)
	if err != nil {
		return 0
	}
	return time.Duration(seconds * float64(time.Second))
}

// add appends a step unless the call failed. The folder is synced for other files too, as
// each second for the dashboard's last day: only the first time makes the name durable.
func (t *trace) add(s step, line []byte) {
	if bytes.Contains(line, []byte("= -1 ")) || s.kind == stepNamed && t.named {
		return
	}
	t.named = t.named || s.kind == stepNamed
	t.steps = append(t.steps, s)
}

// parse turns a call into a step; false for one that touches nothing of ours.
func (t *trace) parse(call string, args []byte) (s step, ok bool, err error) {
	if strings.HasPrefix(call, "rename") {
		if !bytes.Contains(unhexAll(args), []byte(t.path+".new")) {
			return s, false, nil
		}
		t.renamed = true
		return step{kind: stepRename}, true, nil
	}
	_, rest, found := bytes.Cut(args, []byte("<"))
	hex, rest, closed := bytes.Cut(rest, []byte(">"))
	if !found || !closed {
		return s, false, nil // not a file
	}
	name := string(unhex(hex))
	fresh := name == t.path+".new" || t.renamed && name == t.path
	switch {
	case call == "fsync" && t.renamed && name == filepath.Dir(t.path):
		return step{kind: stepNamed}, true, nil
	case !fresh:
		return s, false, nil
	case call == "fdatasync" || call == "fsync":
		return step{kind: stepBarrier}, true, nil
	case call == "ftruncate":
		s.kind = stepTruncate
		return s, true, numeral(rest, 0, &s.at)
	case call == "fallocate":
		return extension(rest)
	}
	s.kind, s.data = stepWrite, quoted(rest)
	return s, true, numeral(rest[bytes.LastIndexByte(rest, '"')+1:], 1, &s.at)
}

// extension reads a fallocate; one that keeps the size changes nothing that is read.
func extension(args []byte) (s step, ok bool, err error) {
	if !bytes.HasPrefix(args, []byte(", 0,")) {
		return s, false, nil
	}
	var size int64
	if err := numeral(args, 1, &s.at); err != nil {
		return s, false, err
	}
	err = numeral(args, 2, &size)
	s.kind, s.at = stepExtend, s.at+size
	return s, true, err
}

// numeral reads the i-th of the numbers in ", 1, 2) = 0".
func numeral(args []byte, i int, into *int64) error {
	fields := bytes.FieldsFunc(args, func(r rune) bool { return strings.ContainsRune(", )", r) })
	if i >= len(fields) {
		return fmt.Errorf("no number %d in %q", i, args)
	}
	n, err := strconv.ParseInt(string(fields[i]), 0, 64)
	*into = n
	return err
}

func quoted(args []byte) []byte {
	_, rest, _ := bytes.Cut(args, []byte(`"`))
	text, _, _ := bytes.Cut(rest, []byte(`"`))
	return unhex(text)
}

// unhexAll reads every quoted text, one after the other.
func unhexAll(args []byte) (all []byte) {
	for i, part := range bytes.Split(args, []byte(`"`)) {
		if i%2 == 1 {
			all = append(append(all, unhex(part)...), '\n')
		}
	}
	return all
}

// unhex reads \x41\x42 as AB.
func unhex(text []byte) []byte {
	digit := func(c byte) byte {
		if c >= 'a' {
			return c - 'a' + 10
		}
		return c - '0'
	}
	out := make([]byte, len(text)/4)
	for i := range out {
		out[i] = digit(text[4*i+2])<<4 | digit(text[4*i+3])
	}
	return out
}
