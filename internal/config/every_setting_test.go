package config_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"pagesession/internal/config"
)

// bad has bad values of each setting. A new setting needs a row here. "" is only for flags,
// because an empty variable counts as unset.
var bad = map[string][]string{
	"addr":               {"", "8000", "localhost:http", "unix:http.sock"},
	"tls-cert":           {"a\x00b"},
	"tls-key":            {"a\x00b"},
	"domain":             {"*.a.example", "localhost", "a.example:443", ","},
	"acme-directory":     {"", "http://acme.example/", "acme.example"},
	"acme-email":         {"Ada <a@b.example>", "a b"},
	"acme-accept-terms":  {"", "yes", "2"},
	"http-addr":          {"80", "unix:/s"},
	"metrics-addr":       {"9464", "unix:metrics.sock", "localhost:metrics"},
	"data-dir":           {"", " ", "a\x00b"},
	"accounts":           {"mysql://host/db", "host/db", "postgres"},
	"sessions":           {"http://host", "redis://", "redis+ring://host", "redis://a,b"},
	"sessions-password":  {"a\nb", "a\x00b"},
	"sentinel-password":  {"a\nb", "a\rb"},
	"sessions-ca":        {"a\x00b"},
	"sessions-cert":      {"a\x00b"},
	"sessions-key":       {"a\x00b"},
	"redis-wait":         {"", "-1", "17", "two"},
	"secret-key":         {"a\x00b"},
	"server-name":        {strings.Repeat("a", 41), " web1", "web\n1"},
	"second-factor":      {"", "yes", "Superusers"},
	"idle-timeout":       {"", "20", "0", "721h"},
	"absolute-timeout":   {"", "never", "-1s", "9601h"},
	"cookie-name":        {"", "a b", "__Host-x"},
	"max-sessions":       {"", "0", "1e6", "99999999999999999999"},
	"client-creations":   {"", "-1", "100001"},
	"client-burst":       {"", "0", "1000001"},
	"client-sessions":    {"", "-1", "many"},
	"client-connections": {"", "-1", "100001"},
	"max-streams":        {"", "-1", "1000001"},
	"keep-alive":         {"", "0", "2h", "75"},
	"drain":              {"", "11m", "-5s", "50ms"},
	"base-path":          {"", "/pages", "//x/", "/a/../b/"},
	"static-url":         {"cdn.example.com/", "http://cdn.example.com/", "https://cdn.example.com", "https://cdn.example.com/?v=1", "/files"},
	"allowed-hosts":      {"a,,b", "localhost:8000", "*.example.com"},
	"trusted-proxies":    {"a", "10.0.0.1/8", "10.0.0.0/33", ",", "::ffff:0:0/64"},
	"client-address":     {"", "some", "Full"},
	"audit-keep":         {"", "400", "-1d", "x"},
	"language":           {"", "it", "EN"},
	"time-zone":          {"", "Mars/Base", "../UTC"},
	"debug":              {"", "maybe", "on"},
	"log-format":         {"", "xml"},
	"log-level":          {"", "loud"},
	"access-log":         {"", "some"},
	"backup-dir":         {"a\x00b"},
	"backup-every":       {"", "1s", "x", "-1h"},
	"backup-keep":        {"", "-1", "x"},
}

// free are the variables of createsuperuser, which checks them by its own rules for names,
// addresses and passwords.
var free = map[string]bool{"superuser-username": true, "superuser-email": true, "superuser-password": true}

// cure matches what an error tells people to do.
var cure = regexp.MustCompile(`; (?:use|name|give|leave|write) `)

// Each bad value of each setting gives one line, which names the setting and the value, unless
// that is a secret, and says what to write instead.
func TestLoad_EverySetting(t *testing.T) {
	for _, s := range config.Settings() {
		if free[s.Name] {
			continue
		}
		if len(bad[s.Name]) == 0 {
			t.Errorf("the setting %s has no bad value in this test; add some", s.Name)
		}
		for _, value := range bad[s.Name] {
			variable := s.Variable + "=" + value
			if s.Flag {
				wantsOneMistake(t, []string{"--" + s.Name + "=" + value}, nil, "--"+s.Name, value)
			}
			if value != "" {
				wantsOneMistake(t, nil, []string{variable}, s.Variable, map[bool]string{true: value, false: ""}[s.Flag])
			}
		}
	}
}

func wantsOneMistake(t *testing.T, args, environ []string, name, value string) {
	t.Helper()
	_, err := loadFor(t, "serve", args, environ)
	var all config.Mistakes
	if !errors.As(err, &all) || len(all) == 0 {
		t.Errorf("Load(%q, %q) = %v; want a mistake", args, environ, err)
		return
	}
	line := all[0].Error()
	quoted := strings.Trim(strings.ReplaceAll(strings.ReplaceAll(value, "\x00", `\x00`), "\n", `\n`), `"`)
	if len(all) != 1 || !strings.HasPrefix(line, name) || !strings.Contains(line, quoted) || !cure.MatchString(line) || strings.ContainsAny(line, "\n\x00\r") {
		t.Errorf("Load(%q, %q) = %d mistakes, %q; want one line with %s, %q and a cure", args, environ, len(all), line, name, value)
	}
}

// A secret's value is never in a message.
func TestLoad_SecretsStaySecret(t *testing.T) {
	for _, s := range config.Settings() {
		for _, value := range bad[s.Name] {
			if s.Flag || value == "" {
				continue
			}
			_, err := loadFor(t, "serve", nil, []string{s.Variable + "=" + value + "sesame"})
			if err == nil || strings.Contains(err.Error(), "sesame") {
				t.Errorf("a bad value of %s: %v; want an error without it", s.Name, err)
			}
		}
	}
}
