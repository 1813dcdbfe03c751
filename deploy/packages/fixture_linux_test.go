package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

const (
	olderVersion = "v1.2.3-rc.1"
	newerVersion = "v1.2.3"
)

// A fixture has packages of two versions, and the root that they are installed in.
type fixture struct {
	base  string // never installed in: see copyOf
	older string // the folders of packages
	newer string
}

// newFixture builds the program once, since compiling it takes most of the time, and makes the
// root meanwhile.
func newFixture(t *testing.T) *fixture {
	t.Helper()
	dir := memory(t)
	f := &fixture{base: filepath.Join(dir, "base"), older: filepath.Join(dir, "older"), newer: filepath.Join(dir, "newer")}
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	made := make(chan error, 1)
	go func() { made <- debootstrap(ctx, f.base) }()
	defer func() {
		if err := <-made; err != nil {
			t.Fatal(err)
		}
	}()
	buildPrograms(t, f.newer)
	if err := os.CopyFS(f.older, os.DirFS(f.newer)); err != nil {
		t.Fatal(err)
	}
	makePackages(t, f.older, olderVersion)
	makePackages(t, f.newer, newerVersion)
	return f
}

// buildPrograms builds the program for this machine, and a stand-in for the other architecture:
// the packages need only what its build says.
func buildPrograms(t *testing.T, dist string) {
	t.Helper()
	for _, arch := range architectures {
		out, err := filepath.Abs(filepath.Join(dist, "linux-"+arch, "pagesession"))
		if err != nil {
			t.Fatal(err)
		}
		writeLicenses(t, filepath.Dir(out))
		if arch == runtime.GOARCH {
			goBuild(t, "../..", out, arch)
			continue
		}
		dir := t.TempDir()
		for name, text := range map[string]string{"go.mod": "module pagesession\n", "main.go": "package main\n\nfunc main() {}\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		goBuild(t, dir, out, arch)
	}
}

// licenses stands for what deploy/dist writes beside a program.
const licenses = "==== example.com/module: LICENSE\n\nYou may use it.\n"

func writeLicenses(t *testing.T, folder string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "LICENSES-OF-MODULES"), []byte(licenses), 0o644); err != nil {
		t.Fatal(err)
	}
}

// goBuild builds what is in a folder, without C as deploy/dist does.
func goBuild(t *testing.T, folder, out, arch string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", out, ".")
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build for %s: %v\n%s", arch, err, text)
	}
}

func makePackages(t *testing.T, dist, version string) {
	t.Helper()
	r := run{source: "../..", dist: dist, maintainer: "Test <test@example.com>", version: version, say: io.Discard}
	if err := r.make(t.Context()); err != nil {
		t.Fatal(err)
	}
}
