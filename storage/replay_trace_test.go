package storage_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// A step is one line of a recorded trace that matters: a change of the session file,
// or a line of the ledger.
type step struct {
	kind stepKind
	at   int64 // offset of a write, size of a truncation
	data []byte
	time time.Duration // of a line of the ledger
	call *event        // nil: the line is not about a call
}

type stepKind int

const (
	stepSay stepKind = iota
	stepWrite
	stepTruncate
	stepGrow    // to a size, unless the file is as large already
	stepBarrier // all earlier writes to the file are durable
	stepRename  // the fresh file gets the old one's name
	stepNamed   // the file's name is durable
)

// straceArgs records all that bbolt and the storage do to files. They write only
// through pwrite64, ftruncate, fdatasync, fsync and rename.
func straceArgs(out string) []string {
	return []string{
		"strace", "-f", "--seccomp-bpf", "-e", "signal=none",
		"-e", "trace=pwrite64,ftruncate,fallocate,fdatasync,fsync,write,rename,renameat,renameat2",
		"-y", "-xx", "-s", strconv.Itoa(16 << 20), "-o", out,
	}
}

// readTrace reads what strace recorded of a child whose session file existed before.
// If strace shows a call in two halves, the call counts where it began and a barrier
// where it ended.
func readTrace(name, path string) ([]step, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	r := &traceReader{path: path, pending: map[string]step{}}
	in := bufio.NewReaderSize(f, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return r.steps, nil
		}
		if err := r.line(line); err != nil {
			return nil, fmt.Errorf("trace line %.200q: %w", line, err)
		}
	}
}

type traceReader struct {
	path    string
	steps   []step
	pending map[string]step // by thread: the barrier under way
}

func (r *traceReader) line(line []byte) error {
	thread, rest, _ := bytes.Cut(line, []byte(" "))
	rest = bytes.TrimLeft(rest, " ")
	if bytes.HasPrefix(rest, []byte("<... ")) {
		if s, ok := r.pending[string(thread)]; ok {
			delete(r.pending, string(thread))
			r.add(s, rest)
		}
		return nil
	}
	call, args, _ := bytes.Cut(rest, []byte("("))
	s, ok, err := r.parse(string(call), args)
	if err != nil || !ok {
		return err
	}
	if late := s.kind == stepBarrier || s.kind == stepNamed; late && bytes.Contains(rest, []byte("<unfinished")) {
		r.pending[string(thread)] = s
		return nil
	}
	r.add(s, rest)
	return nil
}

// add appends a step unless the call failed.
func (r *traceReader) add(s step, line []byte) {
	if !bytes.Contains(line, []byte("= -1 ")) {
		r.steps = append(r.steps, s)
	}
}

// parse turns a call into a step. It returns false for a call that does not touch
// our files.
func (r *traceReader) parse(call string, args []byte) (step, bool, error) {
	if strings.HasPrefix(call, "rename") {
		return step{kind: stepRename}, true, nil
	}
	fd, rest, ok := bytes.Cut(args, []byte("<"))
	hex, rest, ok2 := bytes.Cut(rest, []byte(">"))
	if !ok || !ok2 {
		return step{}, false, nil // a file without a name, or no file
	}
	name := string(unhex(hex))
	if call == "write" {
		return r.say(string(fd), rest)
	}
	var s step
	isFile := name == r.path+".new" || name == r.path
	switch {
	case call == "fsync" && strings.HasPrefix(r.path, name+"/"):
		s.kind = stepNamed
		return s, true, nil
	case !isFile:
		return s, false, nil
	case call == "fdatasync" || call == "fsync":
		s.kind = stepBarrier
		return s, true, nil
	case call == "fallocate":
		var from, n int64
		err := errors.Join(numeral(rest, 1, &from), numeral(rest, 2, &n))
		s.kind, s.at = stepGrow, from+n
		return s, true, err
	case call == "ftruncate":
		s.kind = stepTruncate
		return s, true, numeral(rest, 0, &s.at)
	}
	s.kind, s.data = stepWrite, quoted(rest)
	var size int64
	if err := numeral(afterQuotes(rest), 0, &size); err != nil || size != int64(len(s.data)) {
		return s, false, fmt.Errorf("%d bytes recorded of %d", len(s.data), size)
	}
	return s, true, numeral(afterQuotes(rest), 1, &s.at)
}

// say reads a line of the ledger, on file descriptor 3.
func (r *traceReader) say(fd string, args []byte) (step, bool, error) {
	words := strings.Fields(string(quoted(args)))
	if fd != "3" || len(words) < 2 {
		return step{}, false, nil
	}
	at, err := strconv.ParseInt(words[0], 10, 64)
	s := step{kind: stepSay, time: time.Duration(at)}
	if e, ok := parseEvent(s.time, words[1:]); ok {
		s.call = &e
	}
	return s, true, err
}

// numeral returns the i-th of the numbers in ", 1, 2) = 0".
func numeral(args []byte, i int, into *int64) error {
	fields := bytes.FieldsFunc(args, func(r rune) bool { return strings.ContainsRune(", )", r) })
	if i >= len(fields) {
		return fmt.Errorf("no number %d in %q", i, args)
	}
	n, err := strconv.ParseInt(string(fields[i]), 10, 64)
	*into = n
	return err
}

func quoted(args []byte) []byte {
	_, rest, _ := bytes.Cut(args, []byte(`"`))
	text, _, _ := bytes.Cut(rest, []byte(`"`))
	return unhex(text)
}

func afterQuotes(args []byte) []byte { return args[bytes.LastIndexByte(args, '"')+1:] }

// unhex decodes \x41\x42 to AB.
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
