package config_test

import (
	"archive/zip"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLoad_Language(t *testing.T) {
	for _, tag := range []string{"en", "hi", "de", "fr", "es", "auto"} {
		got, _, err := load(t, []string{"--language=" + tag}, nil)
		if err != nil || got.Language != tag {
			t.Errorf("Load(--language=%s) = %q, %v; want it", tag, got.Language, err)
		}
	}
	const want = "is not a language of the pages; use en, hi, de, fr, es or auto"
	for _, bad := range []string{"", "it", "DE", "de-AT", "en,de", "../en", " en", "auto ", "en\x00"} {
		assertBad(t, []string{"--language=" + bad}, nil, "--language=", want)
	}
	assertBad(t, nil, []string{"PAGESESSION_LANGUAGE=it"}, `PAGESESSION_LANGUAGE="it"`, want)
}

func TestLoad_TimeZone(t *testing.T) {
	for name, want := range map[string]string{
		"UTC": "UTC", "Europe/Berlin": "CET", "Asia/Kolkata": "IST", "America/New_York": "EST", "Asia/Kathmandu": "+0545",
	} {
		got, _, err := load(t, []string{"--time-zone=" + name}, nil)
		if err != nil || got.TimeZone.String() != name {
			t.Errorf("Load(--time-zone=%s) = %v, %v; want it", name, got.TimeZone, err)
			continue
		}
		if short, _ := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC).In(got.TimeZone).Zone(); short != want {
			t.Errorf("%s is %q in November; want %q", name, short, want)
		}
	}
	const how = "; use an IANA name, for example UTC or Europe/Berlin"
	for _, bad := range []string{"", "Berlin", "../etc/passwd", "/etc/localtime", "GMT+25", "Europe/Berlin\x00", "right/Europe/Berlin", "posix/UTC", "localtime", "posixrules",
		"SystemV/EST5EDT", "Factory", "europe/berlin", "Europe/", strings.Repeat("A/", 4000)} {
		assertBad(t, []string{"--time-zone=" + bad}, nil, "--time-zone=", "is not a known time zone"+how)
	}
	assertBad(t, []string{"--time-zone=Local"}, nil, `--time-zone="Local"`, "is a different zone on each machine"+how)
	assertBad(t, nil, []string{"PAGESESSION_TIME_ZONE=x"}, `PAGESESSION_TIME_ZONE="x"`, "is not a known time zone"+how)
}

// Go's own list has all names of IANA, and few others.
func TestLoad_TimeZone_AllOfIANA(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	list, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = list.Close() }()
	good := 0
	for _, f := range list.File {
		if strings.HasSuffix(f.Name, "/") || f.Name == "Factory" {
			continue
		}
		if _, _, err := load(t, []string{"--time-zone=" + f.Name}, nil); err != nil {
			t.Errorf("--time-zone=%s: %v; want it accepted", f.Name, err)
		}
		good++
	}
	if good < 400 {
		t.Errorf("%d names were tried; want more than 400", good)
	}
}
