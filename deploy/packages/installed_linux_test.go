package main

import (
	"path/filepath"
	"runtime"
	"testing"
)

// TestInstalled installs the packages as an operator does. Making the root and the packages
// takes most of the time, so all parts share them; each changes a root of its own.
func TestInstalled(t *testing.T) {
	needs(t, "debootstrap", "dpkg", "rpm", "systemd-analyze", "systemd-nspawn")
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
		{"Deb_Boot", debBoot},
		{"RPM_UpgradeAndDowngrade", rpmUpgrade},
		{"RPM_RemoveAndInstall", rpmRemove},
		{"RPM_OverSettings", rpmOverSettings},
		{"Packages_Reproducible", reproducible},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.test(t, f)
		})
	}
}

// installDeb installs a version with the root's own dpkg.
func (r root) installDeb(t *testing.T, dist, version string) string {
	t.Helper()
	name := debFile(packageVersion(version), runtime.GOARCH)
	r.copyTo(t, "/tmp/"+name, filepath.Join(dist, name))
	return r.run(t, "dpkg", "--install", "/tmp/"+name)
}
