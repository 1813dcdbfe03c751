package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// rpm runs the machine's rpm on the root. It finds no packages in the root, which is Debian's,
// so it does not check what ours requires.
func (r root) rpm(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	args = append([]string{"--root", string(r), "--dbpath", "/var/lib/rpm"}, args...)
	out, err := exec.CommandContext(ctx, "rpm", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("rpm %q: %v\n%s", args, err, out)
	}
	return string(out)
}

func rpmPath(dist, version string) string {
	return filepath.Join(dist, rpmFile(packageVersion(version), runtime.GOARCH))
}

func rpmUpgrade(t *testing.T, f *fixture) {
	r, port, visitor := copyOf(t, f.base), freePort(t), newVisitor(t)
	s := r.fakeSystemd(t)
	r.rpm(t, "--install", "--nodeps", rpmPath(f.older, olderVersion))
	s.wantCalls(t, "daemon-reload", "try-restart pagesession.service")
	uid, gid, _ := r.user(t)
	r.wantOwner(t, data, uid, gid, 0o700)
	r.wantOnlyRootWrites(t, strings.Fields(r.rpm(t, "--query", "--list", "pagesession")))
	r.wantManual(t)
	r.wantCompletions(t, "/usr/share/zsh/site-functions/_pagesession")
	if files := r.rpm(t, "--query", "--configfiles", "pagesession"); files != settings+"\n" {
		t.Errorf("settings files %q", files)
	}
	changed := r.configure(t, port)
	r.fill(t, port, visitor)

	r.rpm(t, "--upgrade", "--nodeps", rpmPath(f.newer, newerVersion))
	s.wantCalls(t, "daemon-reload", "try-restart pagesession.service", "daemon-reload")
	r.wantSettings(t, changed)
	r.wantData(t, port, visitor)

	r.rpm(t, "--upgrade", "--oldpackage", "--nodeps", rpmPath(f.older, olderVersion))
	r.wantSettings(t, changed)
	r.wantData(t, port, visitor)
}

func rpmRemove(t *testing.T, f *fixture) {
	r, port, visitor := copyOf(t, f.base), freePort(t), newVisitor(t)
	r.rpm(t, "--install", "--nodeps", rpmPath(f.newer, newerVersion))
	changed := r.configure(t, port)
	r.fill(t, port, visitor)
	s := r.fakeSystemd(t)
	r.rpm(t, "--erase", "pagesession")
	s.wantCalls(t, "stop pagesession.socket pagesession.service", "--no-reload disable pagesession.socket pagesession.service", "daemon-reload")
	r.wantExist(t, false, "/usr/bin/pagesession", "/usr/lib/systemd/system/pagesession.service", docs, settings)
	r.wantExist(t, true, data+"/sessions.db", settings+".rpmsave")

	r.rpm(t, "--install", "--nodeps", rpmPath(f.newer, newerVersion))
	r.run(t, "mv", settings+".rpmsave", settings)
	r.wantSettings(t, changed)
	r.wantData(t, port, visitor)
}

// rpmOverSettings installs where an operator has written settings before.
func rpmOverSettings(t *testing.T, f *fixture) {
	r := copyOf(t, f.base)
	r.write(t, settings, "PAGESESSION_LANGUAGE=de\n", 0o600)
	r.rpm(t, "--install", "--nodeps", rpmPath(f.newer, newerVersion))
	r.wantSettings(t, "PAGESESSION_LANGUAGE=de\n")
	r.wantExist(t, true, settings+".rpmnew")
}
