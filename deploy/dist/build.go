package main

import (
	"cmp"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"time"
)

// largest is the size that a program may have. See docs/DEPENDENCIES.md for what takes it.
const largest = 35_000_000 // bytes

// A dist is one run.
type dist struct {
	source string // the clone
	out    string // the folder for all files
	say    io.Writer
	most   int64    // bytes of a program
	link   string   // flags of the linker; "" leaves out what only debuggers use
	flags  []string // of the compiler, beside those that are always there
}

// make builds and packs the program for each target, and writes the checksums of the archives.
func (d *dist) make(ctx context.Context, targets []target) error {
	if err := d.checkIgnored(ctx); err != nil {
		return err
	}
	remove, err := d.prepare(ctx)
	if err != nil {
		return err
	}
	defer remove()
	var archives []string
	for _, t := range targets {
		path, err := d.build(ctx, t)
		if err != nil {
			return fmt.Errorf("build for %s: %w", t, err)
		}
		about, err := read(path)
		if err != nil {
			return err
		}
		archive, err := d.pack(ctx, t, path, about)
		if err != nil {
			return fmt.Errorf("pack for %s: %w", t, err)
		}
		archives = append(archives, archive)
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.say, "%-14s %5.1f MB  %s\n", t, float64(info.Size())/1e6, archive)
		if info.Size() > d.most {
			return fmt.Errorf("%s has %d bytes; at most %d: see docs/DEPENDENCIES.md for what takes them", path, info.Size(), d.most)
		}
	}
	return d.sum(archives)
}

// checkIgnored returns an error if Git would see what dist writes: the clone would count as changed
// from the second program on. Git itself says so only of a folder in the clone.
func (d *dist) checkIgnored(ctx context.Context) error {
	file, err := filepath.Abs(filepath.Join(d.out, sumsFile))
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "git", "check-ignore", "--quiet", file)
	cmd.Dir = d.source
	if exit := (*exec.ExitError)(nil); errors.As(cmd.Run(), &exit) && exit.ExitCode() == 1 {
		return fmt.Errorf("%s is in the clone, and Git does not ignore it, so the programs would count as built from changed files; choose a folder outside with --out, or leave --out away", d.out)
	}
	return nil
}

// prepare makes the overlay, which exists until remove is called.
func (d *dist) prepare(ctx context.Context) (remove func(), err error) {
	folder, err := os.MkdirTemp("", "dist-")
	if err != nil {
		return nil, err
	}
	remove = func() { _ = os.RemoveAll(folder) } // a temporary file less or more
	overlay, err := d.overlay(ctx, folder)
	if err != nil {
		remove()
		return nil, err
	}
	d.flags = []string{overlay}
	return remove, nil
}

// build compiles the program and returns its path. Of the caller's environment, nothing that
// changes the program counts.
func (d *dist) build(ctx context.Context, t target) (string, error) {
	path, err := filepath.Abs(filepath.Join(d.out, t.dir(), t.program()))
	if err != nil {
		return "", err
	}
	flags := append([]string{"build", "-trimpath", "-buildvcs=true", "-ldflags=" + cmp.Or(d.link, "-s -w")}, d.flags...)
	cmd := exec.CommandContext(ctx, "go", append(flags, "-o", path, ".")...)
	cmd.Dir = d.source
	cmd.Env = append(os.Environ(), neutral...)
	cmd.Env = append(cmd.Env, "GOOS="+t.os, "GOARCH="+t.arch)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
}

// neutral are the variables that change what the compiler makes, with Go's defaults: the caller
// may have others, in the environment or in the go command's own file.
var neutral = []string{"CGO_ENABLED=0", "GOFLAGS=-trimpath", "GOAMD64=v1", "GOARM64=v8.0", "GOFIPS140=off", "GOEXPERIMENT=", "GOWORK=off"}

// about is what a program says of its build.
type about struct {
	version string    // "v1.2.3", or made from the commit
	date    time.Time // of the commit
	modules []*debug.Module
}

// read returns what the program at path says of its build.
func read(path string) (a about, err error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return a, err
	}
	a.version, a.modules = info.Main.Version, info.Deps
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			a.date, err = time.Parse(time.RFC3339, s.Value)
		}
	}
	if err == nil && a.date.IsZero() {
		err = errors.New("the build has no commit; run this in a clone, with Git installed (a worktree of Git does not count)")
	}
	return a, err
}
