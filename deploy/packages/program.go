package main

import (
	"cmp"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"time"
)

// architectures are those of packages, by Go's names.
var architectures = []string{"amd64", "arm64"}

// A program is a binary of deploy/dist, and what its build says.
type program struct {
	path    string
	arch    string
	version string    // in Go's form, such as v1.2.3
	built   time.Time // the time of the commit, which all files of the packages get
}

// undated is the time of files in packages of a program without a commit: one that was built
// from a copy without Git. It is fixed, so that these packages can be reproduced, too.
var undated = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// readPrograms returns the programs that are there, one is enough, and says which are not.
func readPrograms(dist string, say io.Writer) (list []program, err error) {
	for _, arch := range architectures {
		p, err := readProgram(filepath.Join(dist, "linux-"+arch, "pagesession"), arch)
		if errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintf(say, "no packages for %s, since %s is missing\n", arch, p.path)
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no program for Linux in %s; run go run ./deploy/dist first", dist)
	}
	return list, nil
}

func readProgram(path, arch string) (p program, err error) {
	p = program{path: path, arch: arch, built: undated}
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return p, err
	}
	p.version = info.Main.Version
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.time":
			p.built, err = time.Parse(time.RFC3339, s.Value)
		case s.Key == "GOARCH" && s.Value != arch, s.Key == "GOOS" && s.Value != "linux":
			err = fmt.Errorf("%s is for %s; run go run ./deploy/dist again", path, s.Value)
		}
		if err != nil {
			return p, err
		}
	}
	return p, nil
}

// runsHere returns the first program that this machine can run.
func runsHere(ctx context.Context, list []program) (program, error) {
	var first error
	for _, p := range list {
		_, err := p.output(ctx, "version")
		if err == nil {
			return p, nil
		}
		first = cmp.Or(first, err)
	}
	return program{}, fmt.Errorf("no program of %q runs here, and one has to write the manual; run this on Linux: %w", architectures, first)
}

// output runs a command of the program and returns what it prints.
func (p program) output(ctx context.Context, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	path, err := filepath.Abs(p.path)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path, args...)
	// The manual of a program without a commit has this date.
	cmd.Env = []string{fmt.Sprintf("SOURCE_DATE_EPOCH=%d", p.built.Unix())}
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("%w: %s", err, exit.Stderr)
	}
	return out, err
}
