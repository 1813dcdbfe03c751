package server

import (
	"strings"
	"testing"
)

func TestWellFormed(t *testing.T) {
	for _, tc := range []struct {
		raw  string
		want bool
	}{
		{"", true},
		{"\r\n", true},
		{"Host: x\r\n\r\n", true},
		{"Content-Length: 3\r\n\r\n", true},
		{"Transfer-Encoding: chunked\r\n\r\n", true},
		{"tRANSFER-eNCODING:\tCHUNKED \r\n\r\n", true},
		{"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", false},
		{"tRANSFER-eNCODING: chunked\r\nHost: x\r\ncONTENT-lENGTH:3\r\n\r\n", false},
		{"X: Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", true},
		{"Transfer-Encoding: identity\r\n\r\n", false},
		{"Transfer-Encoding: chunked, chunked\r\n\r\n", false},
		{"Transfer-Encoding: \r\n\r\n", false},
		{"Transfer-Encodings: x\r\n\r\n", true},
		{"X: a\r\n b\r\n\r\n", false},
		{"X: a\r\n\tb\r\n\r\n", false},
		{"X: a\nY: b\r\n\r\n", false},
		{"X: a\r\nY: b\n\r\n", false},
		{"X: a\r\n\n", false},
		{"\n", false},
		{"X y: a\r\n\r\n", false},
		{"X : a\r\n\r\n", false},
		{": a\r\n\r\n", false},
		{"X\r\n\r\n", false},
		{"X\x00: a\r\n\r\n", false},
		{"X\x80: a\r\n\r\n", false},
		{"X", false},
	} {
		if got := wellFormed([]byte(tc.raw)); got != tc.want {
			t.Errorf("wellFormed(%q) = %v; want %v", tc.raw, got, tc.want)
		}
	}
}

// The table has the characters that RFC 9110, 5.6.2, lists.
func TestToken(t *testing.T) {
	for c := range 256 {
		r := rune(c)
		want := strings.ContainsRune("!#$%&'*+-.^_`|~", r) || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if token[c] != want {
			t.Errorf("token[%q] = %v; want %v", r, token[c], want)
		}
	}
}

func BenchmarkWellFormed(b *testing.B) {
	raw := []byte("Host: localhost:8000\r\n" + strings.Repeat("Accept-Something: "+strings.Repeat("v", 40)+"\r\n", 12) + "Cookie: sessionid=0123456789\r\n\r\n")
	b.ReportAllocs()
	for b.Loop() {
		if !wellFormed(raw) {
			b.Fatal("wellFormed(headers) = false; want true")
		}
	}
}

// A request that arrives in one read.
func BenchmarkWatch(b *testing.B) {
	raw := []byte("GET / HTTP/1.1\r\n" + strings.Repeat("Accept-Something: "+strings.Repeat("v", 40)+"\r\n", 12) + "\r\n")
	w := watch{buffer: 8192}
	b.ReportAllocs()
	for b.Loop() {
		w.next()
		if err := w.wait(8192); err != nil {
			b.Fatal(err)
		}
		w.got(raw)
	}
}
