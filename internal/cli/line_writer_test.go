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
			if i == 0 {
				synctest.Wait() // the writer has taken it; later it would make room for another
			}
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

// While half of the queue is in use, lines below warnings are dropped, and warnings still
// find room. What is dropped counts once, also after a report about it is lost.
func TestLineWriter_RoomForWarnings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, stream := io.Pipe()
		w := newLineWriter(stream)
		defer w.stop()
		w.setFormat(true)
		log := slog.New(spare{logHandler(w, true, slog.LevelInfo), w})
		for range maxLines {
			log.Info("request")
		}
		lost := w.Dropped()
		for range 100 {
			log.Warn("look")
		}
		if lost < maxLines/3 || w.Dropped() != lost {
			t.Errorf("dropped %d of %d lines, and %d warnings; want about half and none", lost, maxLines, w.Dropped()-lost)
		}
		_ = reader.Close() // all that wait are lost
		w.flush(time.Minute)
		if got := w.Dropped(); got != maxLines+100 {
			t.Errorf("Dropped() = %d; want %d", got, maxLines+100)
		}
	})
}

// The report has the form of the log.
func TestLineWriter_ReportFormat(t *testing.T) {
	w := &lineWriter{dropped: 7}
	if got := string(w.report()); !strings.HasPrefix(got, "time=") || !strings.HasSuffix(got, " lines=7\n") || len(got) > reportBytes {
		t.Errorf("report = %q; want text with lines=7, at most %d bytes", got, reportBytes)
	}
	w.setFormat(true)
	if got := string(w.report()); !strings.HasPrefix(got, "{") || !strings.HasSuffix(got, `"lines":7}`+"\n") || len(got) > reportBytes {
		t.Errorf("report = %q; want JSON with lines 7, at most %d bytes", got, reportBytes)
	}
}
