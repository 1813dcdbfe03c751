package console

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/monitor"
)

// beat is a heartbeat.
const beat = "event: beat\ndata: 1\n\n"

// silent has no samples, and never will.
type silent struct{}

func (silent) After(uint64) ([]monitor.Sample, <-chan struct{}) { return nil, nil }

// A stream with nothing to say says that it is there, so that a browser which is
// gone is noticed; and it ends at once when the server stops.
func TestStream_Heartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan struct{})
		st := &stream{monitor: silent{}, done: done, allowed: func() (standing, error) { return standing{ok: true}, nil }, leave: func() {}, banner: func() (string, error) { return "", nil }}
		p := make([]byte, 100)
		n, _ := st.Read(p)
		if got := string(p[:n]); !strings.HasPrefix(got, "retry: 3000\n\n") {
			t.Errorf("the first event is %q; want the time to come back in", got)
		}
		begun := time.Now()
		n, err := st.Read(p)
		if got, took := string(p[:n]), time.Since(begun); got != beat || took != heartbeat || err != nil {
			t.Errorf("the next is %q, %v after %v; want a heartbeat after %v", got, err, took, heartbeat)
		}
		time.AfterFunc(time.Second, func() { close(done) })
		begun = time.Now()
		if n, err = st.Read(p); n != 0 || err != io.EOF || time.Since(begun) != time.Second {
			t.Errorf("when the server stops: %d bytes, %v after %v; want the end after 1s", n, err, time.Since(begun))
		}
	})
}

// insistent always has a sample that has not been sent.
type insistent struct{}

func (insistent) After(uint64) ([]monitor.Sample, <-chan struct{}) {
	return []monitor.Sample{{Seq: 1}}, nil
}

// Samples that wait for the accounts make no stream run hot.
func TestStream_WaitsForTheAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &stream{
			monitor: insistent{}, begun: true, leave: func() {}, banner: func() (string, error) { return "", nil },
			allowed: func() (standing, error) { return standing{}, account.ErrUnavailable },
		}
		p := make([]byte, 100)
		for i, want := range []time.Duration{0, heartbeat, heartbeat} {
			begun := time.Now()
			n, err := st.Read(p)
			if got, took := string(p[:n]), time.Since(begun); got != beat || took != want || err != nil {
				t.Errorf("read %d is %q, %v after %v; want a heartbeat after %v", i, got, err, took, want)
			}
		}
	})
}

// An event that is larger than the engine's buffer comes in pieces.
func TestStream_Pieces(t *testing.T) {
	st := &stream{allowed: func() (standing, error) { return standing{}, nil }, leave: func() {}, monitor: silent{}, begun: true, rest: []byte("abcdefg")}
	all := ""
	for p := make([]byte, 3); ; {
		n, err := st.Read(p)
		if all += string(p[:n]); err != nil || len(st.rest) == 0 {
			break
		}
	}
	if all != "abcdefg" {
		t.Errorf("read %q; want all of it", all)
	}
}

// Numbers are written as a person reads them, and as dashboard.js does.
func TestWrite(t *testing.T) {
	for _, tc := range []struct {
		in   monitor.Unit
		n    float64
		want string
	}{
		{monitor.Number, 0, "0"},
		{monitor.Number, 1_234_567, "1\u202f234\u202f567"},
		{monitor.PerSecond, 0, "0/s"},
		{monitor.PerSecond, 3.26, "3.3/s"},
		{monitor.PerSecond, 9.96, "10/s"},
		{monitor.PerSecond, 1234.5, "1\u202f235/s"},
		{monitor.Millis, 0.04, "0 ms"},
		{monitor.Millis, 12.34, "12.3 ms"},
		{monitor.Millis, 250.6, "251 ms"},
		{monitor.Bytes, 512, "512 B"},
		{monitor.Bytes, 1536, "1.5 KiB"},
		{monitor.Bytes, 64 << 20, "64 MiB"},
		{monitor.Bytes, 16 << 30, "16 GiB"},
	} {
		if got := write(tc.n, tc.in); got != tc.want {
			t.Errorf("write(%v, %s) = %q; want %q", tc.n, tc.in, got, tc.want)
		}
	}
}
