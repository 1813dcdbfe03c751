package main

import (
	"os"
	"strings"
	"testing"
)

// TestPackagedUnit: apart from the changes, the package has the units of deploy/.
func TestPackagedUnit(t *testing.T) {
	for name, changes := range map[string][]change{"pagesession.service": serviceChanges, "pagesession.socket": nil} {
		unit, err := os.ReadFile("../" + name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := packagedUnit(name, string(unit), changes)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			got = strings.Replace(got, c.to, c.from, 1)
		}
		_, got, _ = strings.Cut(got, "\n[Unit]")
		if _, want, _ := strings.Cut(string(unit), "\n[Unit]"); got != want {
			t.Errorf("%s = %q; want %q", name, got, want)
		}
	}
}

// TestPackagedUnit_Changed: a unit that no longer has what the package changes is an error.
func TestPackagedUnit_Changed(t *testing.T) {
	for unit, want := range map[string]string{
		"# none":                     "no [Unit]",
		"#\n[Unit]\nA=b\n":           `0 lines "ExecStart`,
		"#\n[Unit]\nA=/usr/local/\n": "/usr/local",
	} {
		changes := serviceChanges
		if want == "/usr/local" {
			changes = nil
		}
		if _, err := packagedUnit("x", unit, changes); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("packagedUnit(%q): %v; want %s", unit, err, want)
		}
	}
}
