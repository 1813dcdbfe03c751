package config_test

import (
	"strings"
	"testing"
)

// Each invalid value gives one line that names its place and says what to write instead.
func TestLoad_BadValues(t *testing.T) {
	long := strings.Repeat("a", 64)
	for _, tc := range []struct{ flag, value, want string }{
		{"addr", "", `is not host:port; use for example 127.0.0.1:8000`},
		{"addr", "8000", `is not host:port; use for example 127.0.0.1:8000`},
		{"addr", "::1:80", `is not host:port; use for example 127.0.0.1:8000`},
		{"addr", "localhost:", `needs a port from 0 to 65535; use for example 127.0.0.1:8000`},
		{"addr", "localhost:http", `needs a port from 0 to 65535; use for example 127.0.0.1:8000`},
		{"addr", "localhost:65536", `needs a port from 0 to 65535; use for example 127.0.0.1:8000`},
		{"addr", "localhost:+80", `needs a port from 0 to 65535; use for example 127.0.0.1:8000`},
		{"addr", "a b:80", `has an invalid host; use an IP address, a host name, or nothing for all interfaces, as in :8000`},
		{"addr", "unix:http.sock", `is not the absolute path of a socket; use for example unix:/run/pagesession/http.sock,mode=0660`},
		{"addr", "unix:/a,mode=7", `has an invalid mode; use 0600 for this user, 0660 for the group as well, or 0666 for all`},
		{"domain", "*.a.example", `has the wildcard "*.a.example"; give each host its own --domain, or use --tls-cert`},
		{"domain", "[::1]", `has the IP address "[::1]"; use host names, or --tls-cert for an address`},
		{"domain", "a.example,", `has the invalid name ""; use full host names without a port, for example www.example.com`},
		{"domain", "localhost", `has the invalid name "localhost"; use full host names without a port, for example www.example.com`},
		{"domain", "a.example:443", `has the invalid name "a.example:443"; use full host names without a port, for example www.example.com`},
		{"domain", "a_b.example", `has the invalid name "a_b.example"; use full host names without a port, for example www.example.com`},
		{"http-addr", "80", `is not host:port; use for example 127.0.0.1:8000`},
		{"http-addr", "unix:/s", `is a socket, which browsers do not reach; use for example :80, or none`},
		{"acme-directory", "", `is not an https URL; use for example https://acme-v02.api.letsencrypt.org/directory`},
		{"acme-email", "Ada <a@b.example>", `is not an e-mail address; use for example admin@example.com`},
		{"log-format", "yaml", `is unknown; use auto, text or json`},
		{"log-format", "JSON", `is unknown; use auto, text or json`},
		{"access-log", "true", `is unknown; use off, sampled or on`},
		{"log-level", "trace", `is not a level; use debug, info, warn or error`},
		{"log-level", "INFO+2", `is not a level; use debug, info, warn or error`},
		{"data-dir", "", `is empty; name a folder, for example ./data`},
		{"data-dir", " ", `is empty; name a folder, for example ./data`},
		{"data-dir", "a\x00b", `has a NUL byte; name a folder, for example ./data`},
		{"idle-timeout", "abc", `is not a duration; use for example 20s`},
		{"idle-timeout", "20", `is not a duration; use for example 20s`},
		{"idle-timeout", "0", `is out of range; use 1s to 720h, for example 20s`},
		{"idle-timeout", "-20s", `is out of range; use 1s to 720h, for example 20s`},
		{"idle-timeout", "999ms", `is out of range; use 1s to 720h, for example 20s`},
		{"idle-timeout", "720h1s", `is out of range; use 1s to 720h, for example 20s`},
		{"idle-timeout", "13h", `is longer than the default --absolute-timeout="12h"; lower the first or raise the second`},
		{"absolute-timeout", "never", `is not a duration; use for example 12h, or 0 for none`},
		{"absolute-timeout", "-1s", `is out of range; use 1s to 9600h, or 0 for none`},
		{"absolute-timeout", "9601h", `is out of range; use 1s to 9600h, or 0 for none`},
		{"max-sessions", "0", `is not a number from 1 to 50000000; use for example 1000000`},
		{"max-sessions", "-1", `is not a number from 1 to 50000000; use for example 1000000`},
		{"max-sessions", "1e6", `is not a number from 1 to 50000000; use for example 1000000`},
		{"max-sessions", "50000001", `is not a number from 1 to 50000000; use for example 1000000`},
		{"max-sessions", "99999999999999999999", `is not a number from 1 to 50000000; use for example 1000000`},
		{"client-address", "half", `is not one of the three; use full, network or none`},
		{"audit-keep", "400", `is not a duration; use for example 400d, or 0 for no limit`},
		{"audit-keep", "-1d", `is not a duration; use for example 400d, or 0 for no limit`},
		{"audit-keep", "1.5d", `is not a duration; use for example 400d, or 0 for no limit`},
		{"audit-keep", "23h", `is out of range; use 1d to 36500d, for example 400d, or 0 for no limit`},
		{"audit-keep", "36501d", `is out of range; use 1d to 36500d, for example 400d, or 0 for no limit`},
		{"audit-keep", "99999999999999999999d", `is not a duration; use for example 400d, or 0 for no limit`},
		{"base-path", "", `does not begin and end with a slash; use for example /pages/, or / for no base path`},
		{"base-path", "/pages", `does not begin and end with a slash; use for example /pages/, or / for no base path`},
		{"base-path", "//evil.example/", `has two slashes in a row; use one, as in /a/pages/`},
		{"base-path", "/a/../b/", `has . or .. between slashes, which browsers remove; use for example /pages/`},
		{"base-path", "/a b/", `has other characters than letters, digits, - . _ and ~; use for example /pages/`},
		{"base-path", "/" + strings.Repeat("a", 99) + "/", `has 101 characters; use at most 100`},
		{"cookie-name", "", `is not a cookie's name; use up to 64 letters, digits, - and _, for example sessionid`},
		{"cookie-name", "a b", `is not a cookie's name; use up to 64 letters, digits, - and _, for example sessionid`},
		{"cookie-name", "a=b", `is not a cookie's name; use up to 64 letters, digits, - and _, for example sessionid`},
		{"cookie-name", "a;b", `is not a cookie's name; use up to 64 letters, digits, - and _, for example sessionid`},
		{"cookie-name", "sitzungsschlüssel", `is not a cookie's name; use up to 64 letters, digits, - and _, for example sessionid`},
		{"cookie-name", long + "a", `is not a cookie's name; use up to 64 letters, digits, - and _, for example sessionid`},
		{"cookie-name", "__Host-sessionid", `begins with __, which browsers treat specially; leave it out: the server adds the prefix over https`},
		{"cookie-name", "__x", `begins with __, which browsers treat specially; leave it out: the server adds the prefix over https`},
		{"allowed-hosts", "a,,b", `has an empty entry; use for example localhost,.example.com, or * for any host`},
		{"allowed-hosts", "a,", `has an empty entry; use for example localhost,.example.com, or * for any host`},
		{"allowed-hosts", "a b", badEntry("a b")},
		{"allowed-hosts", "localhost:8000", badEntry("localhost:8000")},
		{"allowed-hosts", "[::1]:8000", badEntry("[::1]:8000")},
		{"allowed-hosts", "[::1", badEntry("[::1")},
		{"allowed-hosts", "[127.0.0.1]", badEntry("[127.0.0.1]")},
		{"allowed-hosts", "http://x", badEntry("http://x")},
		{"allowed-hosts", "*.example.com", badEntry("*.example.com")},
		{"allowed-hosts", ".", badEntry(".")},
		{"allowed-hosts", "..a", badEntry("..a")},
		{"allowed-hosts", "-a", badEntry("-a")},
		{"allowed-hosts", "fe80::1%eth0", badEntry("fe80::1%eth0")},
		{"allowed-hosts", long, badEntry(long)},
	} {
		assertBad(t, []string{"--" + tc.flag + "=" + tc.value}, nil, "--"+tc.flag, tc.want)
		if tc.value == "" { // an empty variable is one that is not set
			continue
		}
		name := "PAGESESSION_" + strings.ToUpper(strings.ReplaceAll(tc.flag, "-", "_"))
		assertBad(t, nil, []string{name + "=" + tc.value}, name+"=", tc.want)
	}
}

func badEntry(s string) string {
	return `has the invalid entry "` + s + `"; use host names and addresses without a port, for example localhost,.example.com`
}

func assertBad(t *testing.T, args, environ []string, begin, end string) {
	t.Helper()
	got, warnings, err := load(t, args, environ)
	if err == nil {
		t.Errorf("Load(%q, %q) = %+v; want an error", args, environ, got)
		return
	}
	line := err.Error()
	if !strings.HasPrefix(line, begin) || !strings.HasSuffix(line, end) || strings.ContainsAny(line, "\n\r\x00") {
		t.Errorf("Load(%q, %q) = %q; want %s … %s", args, environ, line, begin, end)
	}
	if warnings != nil || got.Addr != "" {
		t.Errorf("Load(%q, %q) = %+v, %q beside an error; want nothing", args, environ, got, warnings)
	}
}

func TestLoad_ErrorNamesProvenanceAndValue(t *testing.T) {
	for _, tc := range []struct {
		args, environ []string
		want          string
	}{
		{nil, []string{"PAGESESSION_IDLE_TIMEOUT=abc"}, `PAGESESSION_IDLE_TIMEOUT="abc" is not a duration; use for example 20s`},
		{[]string{"--idle-timeout=abc"}, nil, `--idle-timeout="abc" is not a duration; use for example 20s`},
		{[]string{"--absolute-timeout=10s"}, nil, `the default --idle-timeout="20s" is longer than --absolute-timeout="10s"; lower the first or raise the second`},
		{[]string{"--idle-timeout=" + strings.Repeat("x", 81)}, nil, `--idle-timeout="` + strings.Repeat("x", 80) + `"... is not a duration; use for example 20s`},
	} {
		if _, _, err := load(t, tc.args, tc.environ); err == nil || err.Error() != tc.want {
			t.Errorf("Load(%q, %q) = %v; want %s", tc.args, tc.environ, err, tc.want)
		}
	}
}

func TestLoad_AcceptedEdges(t *testing.T) {
	for _, args := range [][]string{
		{"--addr=:0"}, {"--addr=[::]:8000"}, {"--addr=unix:/run/a.sock,mode=0660"}, {"--addr=[::1]:65535"}, {"--addr=[fe80::1%eth0]:80"}, {"--addr=my-host.local:1"},
		{"--idle-timeout=1s"}, {"--idle-timeout=12h"}, {"--idle-timeout=720h", "--absolute-timeout=0"},
		{"--absolute-timeout=20s"}, {"--absolute-timeout=9600h"}, {"--max-sessions=50000000"},
		{"--allowed-hosts=*"}, {"--allowed-hosts=xn--bcher-kva.example"}, {"--allowed-hosts=" + strings.Repeat("a", 63)},
	} {
		if _, _, err := load(t, args, nil); err != nil {
			t.Errorf("Load(%q) = %v; want it accepted", args, err)
		}
	}
}
