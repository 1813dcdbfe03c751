package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// sumsFile is the file with the checksums of the archives.
const sumsFile = "SHA256SUMS"

// besides returns the files of the clone that each archive has beside the program, under the same
// paths: the pages, and the files that they lead to.
func besides(source string) (files []string, err error) {
	files = []string{"CHANGELOG.md", "LICENSE", "README.md"}
	for _, pattern := range []string{"deploy/*file", "deploy/*.*", "docs/*.md", "docs/adr/*", "docs/img/*"} {
		found, err := fs.Glob(os.DirFS(source), pattern)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	return slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, ".go") }), nil
}

// A packer writes the files of an archive.
type packer interface {
	add(name string, mode int64, content []byte) error
	Close() error
}

// pack writes the licenses of a program's modules beside it, and the archive, whose name it returns.
func (d *dist) pack(ctx context.Context, t target, program string, a about) (name string, err error) {
	notices, err := d.notices(ctx, a.modules)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(program), noticesFile), notices, 0o644); err != nil {
		return "", err
	}
	folder := strings.Join([]string{"pagesession", a.version, t.os, t.arch}, "-")
	name = folder + suffix(t)
	f, err := os.Create(filepath.Join(d.out, name))
	if err != nil {
		return "", err
	}
	p := newPacker(t, f, a.date)
	files, err := besides(d.source)
	for _, file := range files {
		err = errors.Join(err, addFile(p, path.Join(folder, file), 0o644, filepath.Join(d.source, file)))
	}
	err = errors.Join(err, p.add(path.Join(folder, noticesFile), 0o644, notices), addFile(p, path.Join(folder, t.program()), 0o755, program))
	return name, errors.Join(err, p.Close(), f.Close())
}

func addFile(p packer, name string, mode int64, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return p.add(name, mode, content)
}

func suffix(t target) string {
	if t.os == "windows" {
		return ".zip"
	}
	return ".tar.gz"
}

// newPacker returns the packer that the target's people can open. All files have the commit's
// time, so that the archive depends on nothing else.
func newPacker(t target, to io.Writer, date time.Time) packer {
	if t.os == "windows" {
		return &zipper{zip.NewWriter(to), date}
	}
	z := gzip.NewWriter(to)
	return &tarrer{tar.NewWriter(z), z, date}
}

type tarrer struct {
	*tar.Writer
	gzip *gzip.Writer
	date time.Time
}

func (t *tarrer) add(name string, mode int64, content []byte) error {
	err := t.WriteHeader(&tar.Header{Name: name, Mode: mode, Size: int64(len(content)), ModTime: t.date, Format: tar.FormatUSTAR})
	if err == nil {
		_, err = t.Write(content)
	}
	return err
}

func (t *tarrer) Close() error { return errors.Join(t.Writer.Close(), t.gzip.Close()) }

type zipper struct {
	*zip.Writer
	date time.Time
}

func (z *zipper) add(name string, mode int64, content []byte) error {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: z.date.UTC()}
	h.SetMode(os.FileMode(mode))
	w, err := z.CreateHeader(h)
	if err == nil {
		_, err = w.Write(content)
	}
	return err
}

// sum writes the checksums, which `sha256sum --check` reads.
func (d *dist) sum(files []string) error {
	var lines strings.Builder
	for _, name := range slices.Sorted(slices.Values(files)) {
		content, err := os.ReadFile(filepath.Join(d.out, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(content), name)
	}
	return os.WriteFile(filepath.Join(d.out, sumsFile), []byte(lines.String()), 0o644)
}
