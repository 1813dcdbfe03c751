package server

import (
	"strings"
	"testing"
)

func TestFieldStatus(t *testing.T) {
	for _, tc := range []struct {
		raw  string
		want int
	}{
		{"", 0},
		{"\r\n", 0},
		{"Host: x\r\n\r\n", 0},
		{"Content-Length: 3\r\n\r\n", 0},
		{"Transfer-Encoding: chunked\r\n\r\n", 0},
		{"tRANSFER-eNCODING:\tCHUNKED \r\n\r\n", 0},
		{"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
		{"tRANSFER-eNCODING: chunked\r\nHost: x\r\ncONTENT-lENGTH:3\r\n\r\n", 400},
		{"X: Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 0},
		{"Transfer-Encoding: identity\r\n\r\n", 400},
		{"Transfer-Encoding: chunked, chunked\r\n\r\n", 400},
		{"Transfer-Encoding: \r\n\r\n", 400},
		{"Transfer-Encodings: x\r\n\r\n", 0},
		{"X: a\r\n b\r\n\r\n", 400},
		{"X: a\r\n\tb\r\n\r\n", 400},
		{"X: a\nY: b\r\n\r\n", 400},
		{"X: a\r\nY: b\n\r\n", 400},
		{"X: a\r\n\n", 400},
		{"\n", 400},
		{"X y: a\r\n\r\n", 400},
		{"X : a\r\n\r\n", 400},
		{": a\r\n\r\n", 400},
		{"X\r\n\r\n", 400},
		{"X\x00: a\r\n\r\n", 400},
		{"X\x80: a\r\n\r\n", 400},
		{"X", 400},
		{"Host: x<y\r\n\r\n", 400},
		{"hOST: x@y\r\n\r\n", 400},
		{"Host: \"x\"\r\n\r\n", 400},
		{"Host: é\r\n\r\n", 400},
		{"Host: [::1]:80\r\n\r\n", 0},
		{"Hosts: é\r\n\r\n", 0},
		{"Expect: 100-Continue\r\n\r\n", 0},
		{"Expect: x\r\n\r\n", 417},
		{"Expect: 100-continue, x\r\n\r\n", 417},
	} {
		if got := fieldStatus([]byte(tc.raw)); got != tc.want {
			t.Errorf("fieldStatus(%q) = %v; want %v", tc.raw, got, tc.want)
		}
	}
}

// The table has the characters that RFC 9110, 5.6.2, lists.
func TestInToken(t *testing.T) {
	for c := range 256 {
		r := rune(c)
		want := strings.ContainsRune("!#$%&'*+-.^_`|~", r) || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if got := inToken[c]; got != want {
			t.Errorf("%q in a token: %v; want %v", r, got, want)
		}
	}
}

func TestWellEncoded(t *testing.T) {
	for target, want := range map[string]bool{
		"/": true, "/%20%c3%A9": true, "/%": false, "/a%2": false, "/%zz": false, "/%%41": false, "/a?%zz": true, "/%2?a": false, "*": true, "http://x/%41": true,
	} {
		if got := wellEncoded([]byte(target)); got != want {
			t.Errorf("wellEncoded(%q) = %v; want %v", target, got, want)
		}
	}
}

func BenchmarkFieldStatus(b *testing.B) {
	raw := []byte("Host: localhost:8000\r\n" + strings.Repeat("Accept-Something: "+strings.Repeat("v", 40)+"\r\n", 12) + "Cookie: sessionid=0123456789\r\n\r\n")
	b.ReportAllocs()
	for b.Loop() {
		if fieldStatus(raw) != 0 {
			b.Fatal("fieldStatus(headers) is a refusal; want 0")
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
