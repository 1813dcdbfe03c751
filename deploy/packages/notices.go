package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"unicode"
)

// noticeFile matches the files of a module that a copy of the program has to come with.
var noticeFile = regexp.MustCompile(`(?i)^(licen[sc]e|copying|notice|patents|authors)([.-].*)?$`)

// noticesOf returns the licenses of Go and of these modules, from Go's own folder and the
// module cache, where a build has put them.
func noticesOf(ctx context.Context, modules []*debug.Module) ([]byte, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT", "GOMODCACHE").Output()
	if err != nil {
		return nil, fmt.Errorf("find the module cache: %w", err)
	}
	goRoot, cache, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	var b bytes.Buffer
	if err := appendNotices(&b, "Go's standard library", goRoot); err != nil {
		return nil, err
	}
	for _, m := range modules {
		if m.Replace != nil {
			m = m.Replace
		}
		if err := appendNotices(&b, m.Path+" "+m.Version, filepath.Join(cache, escaped(m.Path)+"@"+escaped(m.Version))); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// appendNotices adds the notices in a folder. A module without any is an error, because the
// package could not be given away.
func appendNotices(b *bytes.Buffer, name, folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("license of %s: %w; run go mod download", name, err)
	}
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return e.IsDir() || !noticeFile.MatchString(e.Name()) })
	if len(entries) == 0 {
		return fmt.Errorf("%s has no license in %s", name, folder)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "==== %s: %s\n\n%s\n\n", name, e.Name(), bytes.TrimSpace(text))
	}
	return nil
}

// escaped is a path or a version in the module cache, where capitals are written as "!" and
// the small letter, for file systems that do not tell them apart.
func escaped(path string) string {
	var b strings.Builder
	for _, r := range path {
		if unicode.IsUpper(r) {
			b.WriteByte('!')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
