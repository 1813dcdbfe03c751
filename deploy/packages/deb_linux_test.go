package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

const (
	data     = "/var/lib/pagesession"
	private  = "/var/lib/private/pagesession"
	settings = "/etc/pagesession.env"
)

func debUpgrade(t *testing.T, f *fixture) {
	r, port, visitor := copyOf(t, f.base), freePort(t), newVisitor(t)
	r.installDeb(t, f.older, olderVersion)
	changed := r.configure(t, port)
	r.fill(t, port, visitor)

	r.installDeb(t, f.newer, newerVersion)
	r.wantSettings(t, changed)
	r.wantData(t, port, visitor)

	if out := r.installDeb(t, f.older, olderVersion); !strings.Contains(out, "downgrading") {
		t.Errorf("dpkg says %q; want a downgrade", out)
	}
	r.wantSettings(t, changed)
	r.wantData(t, port, visitor)
}

// wantSettings fails the test unless the settings file has this text, for root only.
func (r root) wantSettings(t *testing.T, want string) {
	t.Helper()
	if got := r.read(t, settings); got != want {
		t.Errorf("%s = %q; want %q", settings, got, want)
	}
	r.wantOwner(t, settings, 0, 0, 0o600)
}

func debRemove(t *testing.T, f *fixture) {
	r, port, visitor := copyOf(t, f.base), freePort(t), newVisitor(t)
	r.installDeb(t, f.newer, newerVersion)
	changed := r.configure(t, port)
	r.fill(t, port, visitor)
	uid, gid, _ := r.user(t)

	r.run(t, "dpkg", "--remove", "pagesession")
	r.wantExist(t, false, "/usr/bin/pagesession", "/usr/lib/systemd/system/pagesession.service", docs)
	r.wantExist(t, true, data+"/sessions.db", data+"/accounts.sqlite", data+"/secret.key")
	r.wantSettings(t, changed)

	r.installDeb(t, f.newer, newerVersion)
	if again, _, _ := r.user(t); again != uid {
		t.Errorf("the user was %d and is %d", uid, again)
	}
	r.wantOwner(t, data, uid, gid, 0o700)
	r.wantData(t, port, visitor)

	r.run(t, "dpkg", "--purge", "pagesession")
	r.wantExist(t, false, data, private, settings, docs)
	if _, _, ok := r.user(t); !ok {
		t.Error("the user is gone; want it to keep its number")
	}
	if out := r.run(t, "dpkg", "--list"); strings.Contains(out, "pagesession") {
		t.Errorf("dpkg still knows the package:\n%s", out)
	}
}

// debPurgeUnused is also for a root without systemd.
func debPurgeUnused(t *testing.T, f *fixture) {
	r := copyOf(t, f.base)
	if err := os.Remove(r.path("/usr/bin/systemctl")); err != nil {
		t.Fatal(err)
	}
	r.installDeb(t, f.newer, newerVersion)
	r.run(t, "dpkg", "--purge", "pagesession")
	r.wantExist(t, false, data, private, settings, "/usr/bin/pagesession")
}

// debOverDynamicUser installs over a server from a clone, whose unit has DynamicUser=: its data
// are below /var/lib/private, and its user is there only while it runs.
func debOverDynamicUser(t *testing.T, f *fixture) {
	r := copyOf(t, f.base)
	s := r.fakeSystemd(t)
	r.write(t, "/etc/systemd/system/pagesession.service", "[Service]\n", 0o644)
	r.write(t, settings, "PAGESESSION_LANGUAGE=de\n", 0o600)
	r.write(t, private+"/secret.key", "k", 0o600)
	if err := os.Chown(r.path(private), dynamicUser, dynamicUser); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("private/pagesession", r.path(data)); err != nil {
		t.Fatal(err)
	}
	s.runs(t, "pagesession.service")

	out := r.installDeb(t, f.newer, newerVersion)
	if !strings.Contains(out, "/etc/systemd/system/pagesession.service counts instead") {
		t.Errorf("the installation says %q; want a word about the other unit", out)
	}
	if uid, _, ok := r.user(t); !ok || uid >= 1000 {
		t.Errorf("user %d, %v; want one that stays", uid, ok)
	}
	s.wantCalls(t, "is-active --quiet pagesession.socket", "is-active --quiet pagesession.service",
		"stop pagesession.socket pagesession.service", "daemon-reload", "start pagesession.service")
	r.wantSettings(t, "PAGESESSION_LANGUAGE=de\n")
	if to, err := os.Readlink(r.path(data)); to != "private/pagesession" || err != nil {
		t.Errorf("%s leads to %q, %v; want systemd to move it", data, to, err)
	}
	r.wantOwner(t, private, dynamicUser, dynamicUser, 0o755)

	r.run(t, "dpkg", "--purge", "pagesession")
	r.wantExist(t, false, data, private, settings)
}

// debDataOfRoot: commands as root made the folder before the package came.
func debDataOfRoot(t *testing.T, f *fixture) {
	r, port, visitor := copyOf(t, f.base), freePort(t), newVisitor(t)
	r.write(t, data+"/restore/part", "", 0o600)
	r.write(t, "/srv/other", "", 0o644)
	if err := os.Symlink("/srv/other", r.path(data+"/link")); err != nil {
		t.Fatal(err)
	}
	r.installDeb(t, f.newer, newerVersion)
	uid, gid, _ := r.user(t)
	r.wantOwner(t, data, uid, gid, 0o700)
	r.wantOwner(t, data+"/restore/part", uid, gid, 0o600)
	r.wantOwner(t, data+"/link", uid, gid, 0o777)
	r.wantOwner(t, "/srv/other", 0, 0, 0o644)
	if err := os.RemoveAll(r.path(data + "/restore")); err != nil {
		t.Fatal(err)
	}
	r.configure(t, port)
	r.fill(t, port, visitor)
	r.wantData(t, port, visitor)
}

func debDataAreAFile(t *testing.T, f *fixture) {
	r := copyOf(t, f.base)
	r.write(t, data, "", 0o600)
	if out := r.installDeb(t, f.newer, newerVersion); !strings.Contains(out, data+" is not a folder") {
		t.Errorf("the installation says %q; want what is wrong", out)
	}
	if err := os.Remove(r.path(data)); err != nil {
		t.Fatal(err)
	}
	r.installDeb(t, f.newer, newerVersion)
	uid, gid, _ := r.user(t)
	r.wantOwner(t, data, uid, gid, 0o700)
}

// debSystemd holds what the scripts ask of systemd.
func debSystemd(t *testing.T, f *fixture) {
	r := copyOf(t, f.base)
	s := r.fakeSystemd(t)
	r.installDeb(t, f.older, olderVersion)
	s.wantCalls(t, "daemon-reload", "try-restart pagesession.service")
	r.installDeb(t, f.newer, newerVersion)
	s.wantCalls(t, "daemon-reload", "daemon-reload", "try-restart pagesession.service") // the first by the older package
	r.run(t, "dpkg", "--remove", "pagesession")
	s.wantCalls(t, "stop pagesession.socket pagesession.service", "--no-reload disable pagesession.socket pagesession.service", "daemon-reload")
	s.fail(t)
	if out := r.installDeb(t, f.newer, newerVersion); !strings.Contains(out, "does not answer yet; see: systemctl status pagesession") {
		t.Errorf("the installation says %q; want what to look at", out)
	}
	r.verifyUnits(t)
}

// verifyUnits has the machine's systemd read the installed units, beside the root's own.
func (r root) verifyUnits(t *testing.T) {
	t.Helper()
	r.write(t, "/bin/kill", "#!/bin/sh\n", 0o755) // of procps
	for _, unit := range []string{"pagesession.service", "pagesession.socket"} {
		out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--root="+string(r), "/usr/lib/systemd/system/"+unit).CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", unit, err, out)
		}
	}
}
