package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// A run makes all packages once.
type run struct {
	source     string // the clone
	dist       string // the folder with the programs, where the packages go
	maintainer string
	version    string // of the packages, in Go's form; empty for each program's own
	say        io.Writer
}

// make writes the packages and their checksums.
func (r *run) make(ctx context.Context) error {
	programs, err := readPrograms(r.dist, r.say)
	if err != nil {
		return err
	}
	runs, err := runsHere(ctx, programs)
	if err != nil {
		return err
	}
	stage, err := os.MkdirTemp("", "pagesession-packages-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(stage)
	var files []string
	for _, p := range programs {
		made, err := r.packagesOf(ctx, p, runs, filepath.Join(stage, p.arch))
		if err != nil {
			return fmt.Errorf("packages for %s: %w", p.arch, err)
		}
		files = append(files, made...)
	}
	return addSums(r.dist, files)
}

// packagesOf makes both packages of a program and returns their names. Another program for the
// same version may write the manual, since one for another processor does not run here.
func (r *run) packagesOf(ctx context.Context, p, runs program, stage string) (names []string, err error) {
	if r.version != "" {
		p.version = r.version
	}
	s := &staging{folder: stage, source: r.source, program: p, runs: runs}
	if err := s.write(ctx); err != nil {
		return nil, err
	}
	for _, f := range formats {
		name := f.file(packageVersion(p.version), p.arch)
		if err := f.write(filepath.Join(r.dist, name), r.info(s)); err != nil {
			return nil, fmt.Errorf("write %s: %w", name, err)
		}
		fmt.Fprintln(r.say, filepath.Join(r.dist, name))
		names = append(names, name)
	}
	return names, nil
}
