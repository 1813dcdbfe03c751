package config_test

import (
	"os"
	"strings"
	"testing"

	"pagesession/internal/config"
)

func TestLoad_Sessions(t *testing.T) {
	password := write(t, "se cret\n")
	for _, tc := range []struct {
		args, environ []string
		want          config.SessionServer
		shown         string
	}{
		{nil, nil, config.SessionServer{}, ""},
		{[]string{"--sessions=redis://host"}, nil, config.SessionServer{Addresses: []string{"host:6379"}}, "redis://host:6379"},
		{nil, []string{"PAGESESSION_SESSIONS=redis://me:secret@host/2"}, config.SessionServer{Addresses: []string{"host:6379"}, Username: "me", Password: "secret", Database: 2}, "redis://me@host:6379/2"},
		{nil, []string{"PAGESESSION_SESSIONS_FILE=" + write(t, "rediss+cluster://:secret@a,b:1\n")}, config.SessionServer{Addresses: []string{"a:6379", "b:1"}, Cluster: true, TLS: true, Password: "secret"}, "rediss+cluster://a:6379,b:1"},
		{[]string{"--sessions=redis+sentinel://me@a/main"}, []string{"PAGESESSION_SESSIONS_PASSWORD_FILE=" + password, "PAGESESSION_SENTINEL_PASSWORD=other"},
			config.SessionServer{Addresses: []string{"a:26379"}, MasterSet: "main", Username: "me", Password: "se cret", SentinelPassword: "other"}, "redis+sentinel://me@a:26379/main"},
	} {
		l, err := loadFor(t, "serve", tc.args, tc.environ)
		if err != nil {
			t.Errorf("Load(%q, %q) = %v", tc.args, tc.environ, err)
			continue
		}
		if got := valueOf(t, l, "sessions").Value; l.Sessions.String() != tc.want.String() || l.Sessions.Password != tc.want.Password || l.Sessions.SentinelPassword != tc.want.SentinelPassword || got != tc.shown {
			t.Errorf("Load(%q, %q) = %+v, shown as %q; want %+v, %q", tc.args, tc.environ, l.Sessions, got, tc.want, tc.shown)
		}
		for _, v := range l.Values() {
			if strings.Contains(v.Value, "cret") || v.Value == "other" {
				t.Errorf("the list has %s=%s", v.Name, v.Value)
			}
		}
	}
}

// A value that has no effect is a mistake, and so is a password on the command line.
func TestLoad_SessionsMistakes(t *testing.T) {
	const redis, tls = "--sessions=redis://host", "--sessions=rediss://host"
	for _, tc := range []struct {
		args []string
		want []string
	}{
		{[]string{"--sessions=host"}, []string{`--sessions="host" is not a URL of Redis`}},
		{[]string{"--sessions=redis://:open@host"}, []string{"--sessions has a password, and other users of this machine can read the command line; set PAGESESSION_SESSIONS in the environment or the settings file instead, or PAGESESSION_SESSIONS_PASSWORD"}},
		{[]string{"--sessions-ca=a", "--redis-wait=1"}, []string{`--sessions-ca="a" has no effect without --sessions; leave it out`, `--redis-wait="1" has no effect without --sessions`}},
		{[]string{redis, "--sessions-ca=a", "--sessions-cert=b"}, []string{`--sessions-ca="a" needs TLS; write rediss instead of redis in --sessions`, `--sessions-cert="b" needs TLS`}},
		{[]string{tls, "--sessions-cert=b"}, []string{`--sessions-cert="b" needs the certificate's key; name its file with --sessions-key`}},
		{[]string{tls, "--sessions-key=b"}, []string{`--sessions-key="b" needs the key's certificate; name its file with --sessions-cert`}},
		{[]string{tls, "--sessions-ca=a", "--sessions-cert=b", "--sessions-key=c", "--redis-wait=2"}, nil},
		{[]string{redis, "--max-sessions=5", "--client-sessions=6"}, []string{`--max-sessions="5" has no effect with --sessions, where Redis's maxmemory bounds the sessions; leave it out`, `--client-sessions="6" has no effect with --sessions`}},
		{[]string{redis, "--max-sessions=1000000"}, nil}, // the default
		{[]string{redis, "--redis-wait=99"}, []string{"is not a number from 0 to 16"}},
	} {
		_, _, err := load(t, tc.args, nil)
		assertMistakes(t, tc.args, err, tc.want)
	}
	wantMistakes(t, nil, []string{"PAGESESSION_SESSIONS=redis://:open@host", "PAGESESSION_SESSIONS_PASSWORD=sesame", "PAGESESSION_SENTINEL_PASSWORD=x"},
		"PAGESESSION_SESSIONS_PASSWORD and a password in the URL of PAGESESSION_SESSIONS are both set; keep one of them",
		"PAGESESSION_SENTINEL_PASSWORD is for sentinels, and --sessions names none; leave it out, or use redis+sentinel://")
	for _, url := range []string{"me:open@host", "redis://me:open sesame@host:x"} {
		_, _, err := load(t, nil, []string{"PAGESESSION_SESSIONS=" + url})
		if err == nil || strings.Contains(err.Error(), "open") {
			t.Errorf("PAGESESSION_SESSIONS=%s: %v; want a mistake without the password", url, err)
		}
	}
	wantMistakes(t, nil, []string{"PAGESESSION_SESSIONS_PASSWORD=open"}, "PAGESESSION_SESSIONS_PASSWORD has no effect without --sessions; leave it out")
	wantMistakes(t, nil, []string{"PAGESESSION_SESSIONS=redis://h", "PAGESESSION_SESSIONS_PASSWORD=a\nb"}, "PAGESESSION_SESSIONS_PASSWORD has a line break or a NUL byte; write the password only")
}

func TestLoad_WarnsOfSessionsKey(t *testing.T) {
	key := write(t, "key")
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := loadFor(t, "serve", []string{"--sessions=rediss://host", "--sessions-cert=a", "--sessions-key=" + key}, nil)
	if err != nil || !strings.Contains(strings.Join(l.Warnings, ""), "--sessions-key=") {
		t.Errorf("a key of mode 0644: %v, %v; want a warning", l, err)
	}
}
