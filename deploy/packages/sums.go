package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const sumsFile = "SHA256SUMS"

// addSums writes the checksums of files into SHA256SUMS, in the form of sha256sum. A file's
// earlier line is replaced, lines of other files stay.
func addSums(dist string, names []string) error {
	path := filepath.Join(dist, sumsFile)
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var lines []string
	for line := range strings.Lines(string(old)) {
		if _, name, ok := strings.Cut(strings.TrimSpace(line), " "); ok && !slices.Contains(names, strings.TrimLeft(name, " *")) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	for _, name := range names {
		sum, err := sumOf(filepath.Join(dist, name))
		if err != nil {
			return err
		}
		lines = append(lines, fmt.Sprintf("%x  %s", sum, name))
	}
	return replace(path, []byte(strings.Join(lines, "\n")+"\n"))
}

func sumOf(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return h.Sum(nil), err
}

// replace writes a file beside the old one and renames it, so an error leaves the old one.
func replace(path string, content []byte) error {
	if err := os.WriteFile(path+".new", content, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
