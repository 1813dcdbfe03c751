package main

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// ordered are versions of Go's build info, the oldest first, and what packages have.
var ordered = []struct{ module, want string }{
	{"(devel)", "0~devel"},
	{"v0.0.0-20261130101500-0123456789ab", "0.0.0~~20261130101500.0123456789ab"},
	{"v0.0.0-20261130101501-000000000000", "0.0.0~~20261130101501.000000000000"},
	{"v0.9.0", "0.9.0"},
	{"v0.10.0", "0.10.0"},
	{"v1.2.3", "1.2.3"},
	{"v1.2.3+dirty", "1.2.3+dirty"},
	{"v1.2.4-0.20261130101500-0123456789ab", "1.2.4~~20261130101500.0123456789ab"},
	{"v1.2.4-0.20261130101500-0123456789ab+dirty", "1.2.4~~20261130101500.0123456789ab+dirty"},
	{"v1.2.4-0.20261201000000-0123456789ab", "1.2.4~~20261201000000.0123456789ab"},
	{"v1.2.4-beta-two", "1.2.4~beta.two"},
	{"v1.2.4-rc.1", "1.2.4~rc.1"},
	{"v1.2.4-rc.1.0.20261201000000-0123456789ab", "1.2.4~rc.1.0.20261201000000.0123456789ab"},
	{"v1.2.4-rc.2", "1.2.4~rc.2"},
	{"v1.2.4-rc.10", "1.2.4~rc.10"},
	{"v1.2.4", "1.2.4"},
	{"v1.10.0", "1.10.0"},
}

func TestPackageVersion(t *testing.T) {
	for _, v := range ordered {
		if got := packageVersion(v.module); got != v.want {
			t.Errorf("packageVersion(%q) = %q; want %q", v.module, got, v.want)
		}
	}
	if got := packageVersion(""); got != "0~devel" {
		t.Errorf("packageVersion of none = %q", got)
	}
}

// TestPackageVersion_Dpkg asks dpkg whether each version is after the one before it.
func TestPackageVersion_Dpkg(t *testing.T) {
	if _, err := exec.LookPath("dpkg"); err != nil {
		t.Skip("install dpkg")
	}
	for i, v := range ordered[1:] {
		older, newer := packageVersion(ordered[i].module), packageVersion(v.module)
		if out, err := exec.CommandContext(t.Context(), "dpkg", "--compare-versions", older, "lt", newer).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("dpkg does not put %s before %s: %v %s", older, newer, err, out)
		}
	}
}

// TestPackageVersion_RPM asks rpm the same.
func TestPackageVersion_RPM(t *testing.T) {
	if _, err := exec.LookPath("rpm"); err != nil {
		t.Skip("install rpm")
	}
	for i, v := range ordered[1:] {
		older, newer := packageVersion(ordered[i].module), packageVersion(v.module)
		out, err := exec.CommandContext(t.Context(), "rpm", "--eval", fmt.Sprintf("%%{lua:print(rpm.vercmp(%q, %q))}", older, newer)).Output()
		if err != nil || strings.TrimSpace(string(out)) != "-1" {
			t.Errorf("rpm compares %s with %s: %s, %v; want -1", older, newer, out, err)
		}
	}
}
