package console

import (
	"strings"
	"testing"
	"unicode/utf8"
)

var agents = []struct{ agent, want string }{
	{"Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", "Firefox 153 on Linux"},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36", "Chrome 150 on Windows"},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0", "Edge 150 on Windows"},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 OPR/120.0.0.0", "Opera 120 on Windows"},
	{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15", "Safari 18 on macOS"},
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1", "Safari 18 on iOS"},
	{"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36", "Chrome 150 on Android"},
	{"Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36", "Samsung Browser 27 on Android"},
	{"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot 2"},
	{"curl/8.5.0", "curl 8"},
	{"Browser of Pema", "Browser of Pema"},
	{"", ""},
	{"Firefox/\x00\xff<script>/153", "Firefox"},
	{"Chrome/99999999999999 (X11; Linux)", "Chrome on Linux"},
	{strings.Repeat("ä", 100), strings.Repeat("ä", 40) + "…"},
}

func TestBrowserOf(t *testing.T) {
	for _, tc := range agents {
		if got := browserOf(tc.agent); got != tc.want {
			t.Errorf("browserOf(%q) = %q; want %q", tc.agent, got, tc.want)
		}
	}
}

// Anyone can send any agent. What the list writes of it is short text in one line.
func FuzzBrowserOf(f *testing.F) {
	for _, tc := range agents {
		f.Add(tc.agent)
	}
	f.Fuzz(func(t *testing.T, agent string) {
		if len(agent) > 200 { // a session keeps no more
			return
		}
		got := browserOf(agent)
		if n := utf8.RuneCountInString(got); n > 100 || !utf8.ValidString(got) || strings.ContainsAny(got, "\r\n\t") {
			t.Errorf("browserOf(%q) = %q", agent, got)
		}
	})
}

func BenchmarkBrowserOf(b *testing.B) {
	for b.Loop() {
		browserOf(agents[0].agent)
	}
}
