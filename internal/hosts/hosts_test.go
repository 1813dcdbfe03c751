package hosts_test

import (
	"strings"
	"testing"

	"pagesession/internal/hosts"
)

func TestList_Allows(t *testing.T) {
	local := "localhost,127.0.0.1,[::1]"
	wide := ".Example.org, one.test,::2"
	tests := []struct {
		list string
		host string
		want bool
	}{
		{local, "localhost", true},
		{local, "LOCALHOST:8000", true},
		{local, "localhost.", true},
		{local, "localhost:", true},
		{local, "127.0.0.1:65535", true},
		{local, "[::1]", true},
		{local, "[::1]:8000", true},
		{local, "[0:0:0:0:0:0:0:1]:8000", true},
		{local, "", false},
		{local, "evil.example", false},
		{local, "localhost.evil.example", false},
		{local, "evil.localhost", false},
		{local, "localhost:80:80", false},
		{local, "localhost:80x", false},
		{local, "localhost:123456", false},
		{local, "localhost/evil", false},
		{local, "evil@localhost", false},
		{local, "localhost, evil.example", false},
		{local, "local host", false},
		{local, "localhost..", false},
		{local, ".localhost", false},
		{local, "::1", false},
		{local, "[::1", false},
		{local, "[::1]x", false},
		{local, "[::1%25eth0]", false},
		{local, "[127.0.0.1]", false},
		{local, "[]", false},
		{local, ":8000", false},
		{local, "localhost\x00", false},
		{local, "loc\u0430lhost", false},
		{local, strings.Repeat("a", 300), false},
		{wide, "example.org", true},
		{wide, "EXAMPLE.org:443", true},
		{wide, "a.b.example.org.", true},
		{wide, "notexample.org", false},
		{wide, "example.org.evil.example", false},
		{wide, "one.test", true},
		{wide, "sub.one.test", false},
		{wide, "[::2]", true},
		{"*", "anything.at.all:1", true},
		{"*", "[fe80::1]", true},
		{"*", "under_score", true},
		{"*", "bad host", false},
		{"*", "", false},
		{" localhost ", "localhost", true},
	}
	for _, tt := range tests {
		if got := parse(t, tt.list).Allows([]byte(tt.host)); got != tt.want {
			t.Errorf("hosts %q: Allows(%q) = %v; want %v", tt.list, tt.host, got, tt.want)
		}
	}
}

func parse(t testing.TB, s string) hosts.List {
	t.Helper()
	l, err := hosts.Parse(s)
	if err != nil {
		t.Fatalf("Parse(%q) = %v", s, err)
	}
	return l
}

// The errors of Parse are tested in config, where an operator sees them.
func TestParse_NormalForm(t *testing.T) {
	for in, want := range map[string]string{
		" Example.COM, .example.org,::1,[0:0::1],10.0.0.1,my_app,example.com": "example.com,.example.org,[::1],10.0.0.1,my_app",
		"*": "*",
	} {
		if got := parse(t, in).String(); got != want {
			t.Errorf("Parse(%q) = %q; want %q", in, got, want)
		}
	}
	if got := hosts.Local().String(); got != "localhost,127.0.0.1,[::1]" {
		t.Errorf("Local() = %q", got)
	}
}

// Whatever Name returns, a list can have as an entry, which then allows the host.
func TestName(t *testing.T) {
	for host, want := range map[string]string{
		"10.42.8.201:8000": "10.42.8.201", "Pages.LAN.": "pages.lan", "[::1]:8000": "[::1]", "[0:0::1]": "[::1]", "my_app": "my_app",
		"": "", ":80": "", "-a": "", "a b": "", "a\nb": "", "a=\"b": "", "a:b": "", "[::1": "", "[10.0.0.1]": "",
		strings.Repeat("a", 64): "", strings.Repeat("a.", 130) + "a": "",
	} {
		got := hosts.Name([]byte(host))
		if got != want {
			t.Errorf("Name(%q) = %q; want %q", host, got, want)
		}
		if got != "" && !parse(t, got).Allows([]byte(host)) {
			t.Errorf("a list of %q does not allow %q", got, host)
		}
	}
}

func TestList_With(t *testing.T) {
	l := parse(t, "localhost")
	if got := l.With("a.example", "localhost", "a.example").String(); got != "localhost,a.example" || l.String() != "localhost" {
		t.Errorf("With() = %q, and the list %q; want the new name once, and the list unchanged", got, l)
	}
}

func FuzzList_Allows(f *testing.F) {
	for _, s := range []string{"localhost", "a.example.org:80", "[::1]:8000", "x@y", "[::ffff:1.2.3.4]", "."} {
		f.Add(s)
	}
	list, open := parse(f, "localhost,.example.org,[::1]"), parse(f, "*")
	f.Fuzz(func(t *testing.T, host string) {
		ok := list.Allows([]byte(host))
		if ok && !open.Allows([]byte(host)) {
			t.Errorf("Allows(%q) by a list, and not by *", host)
		}
		name := strings.ToLower(host)
		if ok && !strings.HasPrefix(name, "localhost") && !strings.Contains(name, "example.org") && !strings.HasPrefix(name, "[") {
			t.Errorf("Allows(%q)", host)
		}
		if ok && strings.ContainsAny(host, "@/\\ ,\x00\r\n") {
			t.Errorf("Allows(%q) with a separator in it", host)
		}
	})
}
