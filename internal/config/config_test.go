package config_test

import (
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/config"
	"pagesession/internal/hosts"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/acme/autocert"
)

// load parses args as the command line does, and loads with environ. It leaves out Written, which
// has the form of each value, too.
func load(t *testing.T, args, environ []string) (config.Config, []string, error) {
	t.Helper()
	loaded, err := loadFor(t, "serve", args, environ)
	loaded.Written = nil
	return loaded.Config, loaded.Unknown, err
}

func loadFor(t *testing.T, command string, args, environ []string) (*config.Loaded, error) {
	t.Helper()
	fs := (&cobra.Command{}).Flags()
	config.Bind(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatalf("Parse(%q) = %v", args, err)
	}
	return config.Load(fs, environ, command)
}

func hostList(t *testing.T, s string) hosts.List {
	t.Helper()
	l, err := hosts.Parse(s)
	if err != nil {
		t.Fatalf("Parse(%q) = %v", s, err)
	}
	return l
}

// These names and defaults must stay. docs/SETTINGS.md has all of them, which TestDocs
// checks.
func TestBind_DocumentedDefaults(t *testing.T) {
	documented := map[string]string{
		"addr":               "127.0.0.1:8000",
		"data-dir":           "./data",
		"second-factor":      "optional",
		"idle-timeout":       "20s",
		"absolute-timeout":   "12h",
		"cookie-name":        "sessionid",
		"max-sessions":       "1000000",
		"client-creations":   "10",
		"client-burst":       "100",
		"client-sessions":    "0",
		"client-connections": "200",
		"max-streams":        "20000",
		"keep-alive":         "1m15s",
		"trusted-proxies":    "",
		"allowed-hosts":      "localhost,127.0.0.1,[::1]",
		"language":           "en",
		"time-zone":          "UTC",
		"debug":              "false",
	}
	fs := (&cobra.Command{}).Flags()
	config.Bind(fs)
	for name, want := range documented {
		flag := fs.Lookup(name)
		if flag == nil {
			t.Errorf("Lookup(%q) = nil", name)
			continue
		}
		if flag.DefValue != want {
			t.Errorf("default of --%s = %q; want %q", name, flag.DefValue, want)
		}
		env := "PAGESESSION_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if !strings.Contains(flag.Usage, "$"+env+")") {
			t.Errorf("usage of --%s = %q; want %s named", name, flag.Usage, env)
		}
	}
}

func TestLoad_DefaultsWithoutAnything(t *testing.T) {
	want := config.Config{
		Addr:            "127.0.0.1:8000",
		ACMEDirectory:   autocert.DefaultACMEDirectory,
		DataDir:         "./data",
		SecondFactor:    account.Optional,
		IdleTimeout:     20 * time.Second,
		AbsoluteTimeout: 12 * time.Hour,
		CookieName:      "sessionid",
		MaxSessions:     1_000_000,
		ClientCreations: 10, ClientBurst: 100, ClientConnections: 200, MaxStreams: 20_000,
		KeepAlive:    75 * time.Second,
		AllowedHosts: hosts.Local(),
		Language:     "en",
		TimeZone:     time.UTC,
		LogFormat:    "auto",
		AccessLog:    "off",
		AuditKeep:    400 * 24 * time.Hour,
		Backups:      config.Backups{Keep: 7},
	}
	got, warnings, err := load(t, nil, nil)
	if err != nil || len(warnings) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("Load() = %+v, %q, %v; want %+v", got, warnings, err, want)
	}
}

func TestLoad_FlagOverEnvironmentOverDefault(t *testing.T) {
	for _, tc := range []struct {
		name          string
		args, environ []string
		want          time.Duration
	}{
		{"default", nil, nil, 20 * time.Second},
		{"environment", nil, []string{"PAGESESSION_IDLE_TIMEOUT=1m"}, time.Minute},
		{"flag", []string{"--idle-timeout=2m"}, []string{"PAGESESSION_IDLE_TIMEOUT=1m"}, 2 * time.Minute},
		{"flag over a bad environment", []string{"--idle-timeout=2m"}, []string{"PAGESESSION_IDLE_TIMEOUT=x"}, 2 * time.Minute},
		{"flag with the default's value", []string{"--idle-timeout=20s"}, []string{"PAGESESSION_IDLE_TIMEOUT=1m"}, 20 * time.Second},
		{"empty environment", nil, []string{"PAGESESSION_IDLE_TIMEOUT="}, 20 * time.Second},
		{"last flag", []string{"--idle-timeout=2m", "--idle-timeout=3m"}, nil, 3 * time.Minute},
		{"other case is another variable", nil, []string{"pagesession_idle_timeout=1m"}, 20 * time.Second},
	} {
		got, _, err := load(t, tc.args, tc.environ)
		if err != nil || got.IdleTimeout != tc.want {
			t.Errorf("%s: Load(%q, %q) = %v, %v; want %v", tc.name, tc.args, tc.environ, got.IdleTimeout, err, tc.want)
		}
	}
}

func TestLoad_EverySettingFromEnvironment(t *testing.T) {
	got, warnings, err := load(t, nil, []string{
		"PAGESESSION_ADDR=:0",
		"PAGESESSION_DATA_DIR=/srv/a=b",
		"PAGESESSION_SECOND_FACTOR=superusers",
		"PAGESESSION_IDLE_TIMEOUT=1h30m",
		"PAGESESSION_ABSOLUTE_TIMEOUT=0",
		"PAGESESSION_COOKIE_NAME=my_app",
		"PAGESESSION_MAX_SESSIONS=1",
		"PAGESESSION_CLIENT_CREATIONS=0",
		"PAGESESSION_CLIENT_BURST=7",
		"PAGESESSION_CLIENT_SESSIONS=8",
		"PAGESESSION_CLIENT_CONNECTIONS=9",
		"PAGESESSION_MAX_STREAMS=0",
		"PAGESESSION_KEEP_ALIVE=2m",
		"PAGESESSION_ALLOWED_HOSTS= Example.COM, .example.org,::1,[0:0::1],10.0.0.1,my_app,example.com",
		"PAGESESSION_LANGUAGE=auto",
		"PAGESESSION_TIME_ZONE=UTC",
		"PAGESESSION_DEBUG=true",
		"PAGESESSION_LOG_FORMAT=json",
		"PAGESESSION_LOG_LEVEL=warn",
		"PAGESESSION_ACCESS_LOG=sampled",
		"PAGESESSION_BACKUP_DIR=/mnt/b",
		"PAGESESSION_BACKUP_EVERY=24h",
		"PAGESESSION_BACKUP_KEEP=30",
	})
	want := config.Config{
		Addr: ":0", ACMEDirectory: autocert.DefaultACMEDirectory, DataDir: "/srv/a=b", SecondFactor: account.Superusers, IdleTimeout: 90 * time.Minute, CookieName: "my_app", MaxSessions: 1,
		ClientBurst: 7, ClientSessions: 8, ClientConnections: 9, KeepAlive: 2 * time.Minute,
		AllowedHosts: hostList(t, "example.com,.example.org,[::1],10.0.0.1,my_app"),
		Language:     "auto", TimeZone: time.UTC, AuditKeep: 400 * 24 * time.Hour,
		Debug: true, LogFormat: "json", LogLevel: slog.LevelWarn, AccessLog: "sampled",
		Backups: config.Backups{Dir: "/mnt/b", Every: 24 * time.Hour, Keep: 30},
	}
	if err != nil || len(warnings) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("Load() = %+v, %q, %v; want %+v", got, warnings, err, want)
	}
}

func TestLoad_WarnsOfUnknownVariables(t *testing.T) {
	environ := []string{"PATH=/bin", "PAGESESSION_ZZZ=1", "PAGESESSION_ADDRESS=:1", "PAGESESSION_ADDR=:2", "odd"}
	got, warnings, err := load(t, nil, environ)
	if err != nil || got.Addr != ":2" {
		t.Fatalf("Load(%q) = %v, %v", environ, got.Addr, err)
	}
	if len(warnings) != 2 || !strings.Contains(warnings[0], "PAGESESSION_ADDRESS") || !strings.Contains(warnings[1], "PAGESESSION_ZZZ") {
		t.Errorf("warnings = %q; want PAGESESSION_ADDRESS and PAGESESSION_ZZZ", warnings)
	}
}

func TestLoad_Debug(t *testing.T) {
	for _, tc := range []struct {
		args, environ []string
		want          bool
	}{
		{nil, nil, false},
		{[]string{"--debug"}, nil, true},
		{[]string{"--debug=true"}, nil, true},
		{nil, []string{"PAGESESSION_DEBUG=1"}, true},
		{nil, []string{"PAGESESSION_DEBUG=false"}, false},
		{[]string{"--debug=false"}, []string{"PAGESESSION_DEBUG=true"}, false},
	} {
		got, _, err := load(t, tc.args, tc.environ)
		if err != nil || got.Debug != tc.want {
			t.Errorf("Load(%q, %q).Debug = %v, %v; want %v", tc.args, tc.environ, got.Debug, err, tc.want)
		}
	}
	assertBad(t, nil, []string{"PAGESESSION_DEBUG=on"}, `PAGESESSION_DEBUG="on"`, "is not a boolean; use true or false")
}
