package server

import (
	"errors"
	"strings"
	"testing"
)

// A watch refuses only while the engine holds bytes of a head that has ended in a bare LF.
func TestWatch_BareLF(t *testing.T) {
	const buffer = 100
	for _, tc := range []struct {
		name  string
		reads []string
		held  int // bytes that the engine has not used yet
		bare  bool
	}{
		{"nothing held", []string{"a\n\n"}, 0, false},
		{"the whole head", []string{"GET / HTTP/1.1\nHost: x\n\n"}, 24, true},
		{"only what came before is bare", []string{"body\n\nGET / HTTP/1.1\r\n"}, 16, false},
		{"an empty line behind a body's LF", []string{"body\n\r\nGET / "}, 8, false},
		{"in pieces", []string{"GET / HTTP/1.1\n", "\n"}, 16, true},
		{"CR and LF in pieces", []string{"GET / HTTP/1.1\r", "\n", "\r", "\n"}, 18, false},
		{"LF, then CR LF", []string{"GET / HTTP/1.1\n\r\n"}, 17, true},
		{"CR LF, then LF", []string{"GET / HTTP/1.1\r\n\n"}, 17, true},
		{"behind a complete head", []string{"GET / HTTP/1.1\r\n\r\n", "\n", "GET /"}, 6, false},
		{"no empty line", []string{"a\nb\nc\n"}, 6, false},
	} {
		w := watch{buffer: buffer}
		w.next()
		for _, read := range tc.reads {
			w.got([]byte(read))
		}
		if err := w.wait(buffer - tc.held); errors.Is(err, errBareLF) != tc.bare {
			t.Errorf("%s: wait() = %v; want an error: %v", tc.name, err, tc.bare)
		}
		w.handled = true
		if err := w.wait(buffer - tc.held); err != nil {
			t.Errorf("%s: wait() = %v for a handler's read; want nil", tc.name, err)
		}
	}
}

func TestWatch_IsHead(t *testing.T) {
	for _, tc := range []struct {
		name  string
		held  int // before the first read
		reads []string
		want  bool
	}{
		{"whole", 0, []string{"HEAD / HTTP/1.1\r\n"}, true},
		{"in pieces", 0, strings.Split("HEAD /", ""), true},
		{"empty lines first", 0, []string{"\r\n", "\nHEAD /"}, true},
		{"another method", 0, []string{"HEADS /"}, false},
		{"too short", 0, []string{"HEAD"}, false},
		{"begun behind another request", 4, []string{"HEAD /"}, false},
	} {
		w := watch{buffer: 100}
		w.got([]byte("GET / HTTP/1.1\r\n\r\n"))
		w.next()
		for i, read := range tc.reads {
			if i == 0 {
				_ = w.wait(100 - tc.held)
			}
			w.got([]byte(read))
		}
		if got := w.isHead(); got != tc.want {
			t.Errorf("%s: isHead() = %v; want %v", tc.name, got, tc.want)
		}
	}
}
