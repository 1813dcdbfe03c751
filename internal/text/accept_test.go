package text

import (
	"strings"
	"testing"
)

func TestMatcher(t *testing.T) {
	m := newMatcher(t)
	for _, tt := range []struct{ header, want string }{
		{"", "en"}, {"en", "en"}, {"en-GB", "en"}, {"hi", "hi"}, {"hi-IN", "hi"}, {"de", "de"}, {"de-CH", "de"}, {"DE", "de"},
		{"fr-CA", "fr"}, {"es-419", "es"}, {"es-MX,es;q=0.8,en;q=0.5", "es"},
		{"fr;q=0.2, de;q=0.8", "de"}, {"de;q=0.2, fr;q=0.8", "fr"}, {"fr,de", "fr"},
		{"de;q=0", "en"}, {"de;q=0, fr;q=0.001", "fr"}, {"ja, zh;q=0.9, es;q=0.1", "es"},
		{"ja", "en"}, {"*", "en"}, {"ru, *;q=0.1", "en"}, {"zh-Hant-TW", "en"}, {"hi-Latn", "en"},
		{strings.Repeat("ja,", maxWishes-1) + "de", "de"}, {strings.Repeat("ja,", maxWishes) + "de", "en"},
		{"de;q=2", "de"}, {"de;q=x", "en"}, {"\x00\xff", "en"}, {",,,", "en"}, {";;q", "en"}, {"de,", "de"},
		{strings.Repeat("ja,", 100) + "de", "en"},           // beyond the bound
		{"de," + strings.Repeat("ja;q=0.5,", 1000), "de"},   // before it
		{strings.Repeat("de-", 5000), "en"},                 // no whole wish
		{"fr," + strings.Repeat("x", maxAccept), "fr"},      // cut behind a whole one
		{strings.Repeat("a-b-c-d-e-f-g-h,", 1000), "en"},    // nothing that is known
		{"es;q=0.5" + strings.Repeat(" ", maxAccept), "en"}, // no comma within the bound
	} {
		if got := Tags()[m.Match(tt.header)]; got != tt.want {
			t.Errorf("Match(%.60q) = %s; want %s", tt.header, got, tt.want)
		}
	}
}

func newMatcher(t testing.TB) Matcher {
	t.Helper()
	var all []*Language
	for _, tag := range Tags() {
		all = append(all, mustLoad(t, tag))
	}
	return NewMatcher(all)
}

func FuzzMatcher(f *testing.F) {
	m := newMatcher(f)
	for _, s := range []string{"", "de-AT,de;q=0.9", "*;q=0", strings.Repeat("-", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if at := m.Match(header); at < 0 || at >= len(Tags()) {
			t.Errorf("Match(%q) = %d", header, at)
		}
		if n := len(bounded(header)); n > maxAccept {
			t.Errorf("bounded(%q) has %d bytes", header, n)
		}
	})
}

// BenchmarkMatcher compares a browser's header with the worst that fits into a
// request.
func BenchmarkMatcher(b *testing.B) {
	m := newMatcher(b)
	for name, header := range map[string]string{
		"browser": "de-AT,de;q=0.9,en-US;q=0.8,en;q=0.7",
		"hostile": strings.Repeat("a-b-c-d-e-f-g-h,", 500),
		"many":    strings.Repeat("zh,", 2700),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Match(header)
			}
		})
	}
}
