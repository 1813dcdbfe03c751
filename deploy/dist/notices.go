package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"unicode"
)

// noticeFile matches the files of a module that a copy of the program has to come with.
var noticeFile = regexp.MustCompile(`(?i)^(licen[sc]e|copying|notice|patents|authors)([.-].*)?$`)

// noticesFile is the file beside a program that has the licenses of all modules in it.
const noticesFile = "LICENSES-OF-MODULES"

// notices returns the licenses of Go and of these modules, from Go's own folder and the
// module cache, where a build has put them.
func (d *dist) notices(ctx context.Context, modules []*debug.Module) ([]byte, error) {
	goRoot, err := d.goEnv(ctx, "GOROOT")
	if err != nil {
		return nil, err
	}
	cache, err := d.goEnv(ctx, "GOMODCACHE")
	if err != nil {
		return nil, err
	}
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
// program could not be given away.
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
