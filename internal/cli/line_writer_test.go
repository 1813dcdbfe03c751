package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A reader that stalls costs lines: those that fit come in their order when it reads
// again, a line in their place tells how many are missing, and no writer waits.
func TestLineWriter_StalledReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, stream := io.Pipe()
		w := newLineWriter(stream)
		defer w.stop()
		log := slog.New(slog.NewTextHandler(w, nil))
		const written = 3 * maxLines
		for i := range written {
			log.Info("line", "n", i)
		}
		var got []string
		var all sync.WaitGroup
		all.Go(func() {
			for lines := bufio.NewScanner(reader); lines.Scan(); {
				got = append(got, lines.Text())
			}
		})
		w.flush(time.Minute)
		log.Info("line", "n", written)
		w.flush(time.Minute)
		_ = stream.Close()
		all.Wait()
		kept := len(got) - 2
		for i, line := range got[:kept] {
			if !strings.HasSuffix(line, fmt.Sprintf("msg=line n=%d", i)) {
				t.Fatalf("line %d is %q; want them in order", i, line)
			}
		}
		if want := fmt.Sprintf("lines=%d", written-kept); kept < maxLines/2 || !strings.HasSuffix(got[kept], want) {
			t.Errorf("behind %d lines stands %q; want that the others were dropped: %s", kept, got[kept], want)
		}
		if !strings.HasSuffix(got[kept+1], fmt.Sprintf("n=%d", written)) {
			t.Errorf("the last line is %q; want that which came after the reader", got[kept+1])
		}
	})
}

// A line longer than the queue is dropped; the memory stays bounded.
func TestLineWriter_IsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, stream := io.Pipe()
		w := newLineWriter(stream)
		defer w.stop()
		for range 100 {
			_, _ = w.Write(make([]byte, maxLineBytes/8))
		}
		if w.size > maxLineBytes {
			t.Errorf("%d bytes wait; want %d at most", w.size, maxLineBytes)
		}
		go func() { _, _ = io.Copy(io.Discard, reader) }()
		w.flush(time.Minute)
		_ = stream.Close()
	})
}

// The end of the program waits for the log, and not for a reader that stalls.
func TestLineWriter_FlushIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, stream := io.Pipe()
		w := newLineWriter(stream)
		defer w.stop()
		_, _ = w.Write([]byte("line\n"))
		begin := time.Now()
		if w.flush(time.Second); time.Since(begin) != time.Second {
			t.Errorf("flush without a reader took %v; want 1s", time.Since(begin))
		}
		_ = reader.Close()
	})
}

type broken struct{ lines []string }

func (b *broken) Write(p []byte) (int, error) {
	if b.lines = append(b.lines, string(p)); len(b.lines) <= 3 {
		return 0, errors.New("broken pipe")
	}
	return len(p), nil
}

// Lines that a dead reader refuses are counted, too.
func TestLineWriter_DeadReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := new(broken)
		w := newLineWriter(b)
		defer w.stop()
		for range 2 {
			_, _ = w.Write([]byte("lost\n"))
			w.flush(time.Minute)
		}
		_, _ = w.Write([]byte("read\n"))
		w.flush(time.Minute)
		if len(b.lines) != 5 || !strings.Contains(b.lines[3], "lines=2") || b.lines[4] != "read\n" {
			t.Errorf("written: %q; want a report of 2 lines, then the line", b.lines)
		}
	})
}
