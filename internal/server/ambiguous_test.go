package server

import (
	"strings"
	"testing"
)

func TestAmbiguous(t *testing.T) {
	for _, tc := range []struct {
		raw  string
		want bool
	}{
		{"", false},
		{"\r\n", false},
		{"Host: x\r\n\r\n", false},
		{"Content-Length: 3\r\n\r\n", false},
		{"Transfer-Encoding: chunked\r\n\r\n", false},
		{"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", true},
		{"tRANSFER-eNCODING: identity\nHost: x\ncONTENT-lENGTH:3\n\n", true},
		{"X: Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", false},
		{"X: a\r\n b\r\n\r\n", true},
		{"X: a\r\n\tb\r\n\r\n", true},
		{"C", false},
	} {
		if got := ambiguous([]byte(tc.raw)); got != tc.want {
			t.Errorf("ambiguous(%q) = %v; want %v", tc.raw, got, tc.want)
		}
	}
}

func BenchmarkAmbiguous(b *testing.B) {
	raw := []byte("Host: localhost:8000\r\n" + strings.Repeat("Accept-Something: "+strings.Repeat("v", 40)+"\r\n", 12) + "Cookie: sessionid=0123456789\r\n\r\n")
	b.ReportAllocs()
	for b.Loop() {
		if ambiguous(raw) {
			b.Fatal("ambiguous(headers) = true; want false")
		}
	}
}
