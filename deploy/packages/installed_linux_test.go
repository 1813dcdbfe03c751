package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestInstalled installs the packages as an operator does. Making the root and the packages
// takes most of the time, so all parts share them; each changes a root of its own.
func TestInstalled(t *testing.T) {
	needs(t, "debootstrap", "dpkg", "rpm", "systemd-analyze")
	f := newFixture(t)
	for _, part := range []struct {
		name string
		test func(*testing.T, *fixture)
	}{
		{"Deb_Files", debFiles},
		{"Deb_UpgradeAndDowngrade", debUpgrade},
		{"Deb_RemoveAndPurge", debRemove},
		{"Deb_PurgeUnused", debPurgeUnused},
		{"Deb_OverDynamicUser", debOverDynamicUser},
		{"Deb_DataOfRoot", debDataOfRoot},
		{"Deb_DataAreAFile", debDataAreAFile},
		{"Deb_Systemd", debSystemd},
		{"RPM_UpgradeAndDowngrade", rpmUpgrade},
		{"RPM_RemoveAndInstall", rpmRemove},
		{"Packages_Reproducible", reproducible},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, f) })
	}
}

// installDeb installs a version with the root's own dpkg.
func (r root) installDeb(t *testing.T, dist, version string) string {
	t.Helper()
	name := debFile(packageVersion(version), runtime.GOARCH)
	r.bring(t, filepath.Join(dist, name))
	return r.run(t, "dpkg", "--install", "/tmp/"+name)
}

// bring copies a file to the root's /tmp.
func (r root) bring(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r.write(t, "/tmp/"+filepath.Base(file), string(b), 0o644)
}
