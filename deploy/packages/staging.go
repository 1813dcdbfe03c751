package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goreleaser/nfpm/v2/files"
)

// A staging collects the files of one program's packages: it writes those that are made in a
// folder, and lists all of them with their places.
type staging struct {
	folder   string
	source   string // the clone
	program  program
	runs     program // the one that writes manual and completions
	contents files.Contents
}

// shares are folders of Debian and of rpm that have different names for the same.
const (
	zshDebian = "/usr/share/zsh/vendor-completions/_pagesession"
	zshRPM    = "/usr/share/zsh/site-functions/_pagesession"
	docs      = "/usr/share/doc/pagesession/"
)

// write makes all files.
func (s *staging) write(ctx context.Context) error {
	s.add(s.program.path, "/usr/bin/pagesession", 0o755)
	for _, step := range []func(context.Context) error{s.units, s.manual, s.completions, s.settings, s.documents, s.legal} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// add lists a file, which belongs to root, and returns its line.
func (s *staging) add(from, to string, mode os.FileMode) *files.Content {
	c := &files.Content{Source: from, Destination: to, FileInfo: &files.ContentFileInfo{Owner: "root", Group: "root", Mode: mode, MTime: s.program.built}}
	s.contents = append(s.contents, c)
	return c
}

// put writes a file and lists it.
func (s *staging) put(to string, content []byte) (*files.Content, error) {
	path := filepath.Join(s.folder, to)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		return nil, err
	}
	return s.add(path, to, 0o644), nil
}

// putCompressed is put for a file that readers find compressed.
func (s *staging) putCompressed(to string, content []byte) error {
	compressed, err := compress(content)
	if err == nil {
		_, err = s.put(to+".gz", compressed)
	}
	return err
}

// compress leaves out name and time, which would differ from build to build.
func compress(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// units are those of deploy/.
func (s *staging) units(context.Context) error {
	for name, changes := range map[string][]change{"pagesession.service": serviceChanges, "pagesession.socket": nil} {
		unit, err := os.ReadFile(filepath.Join(s.source, "deploy", name))
		if err != nil {
			return err
		}
		text, err := packagedUnit(name, string(unit), changes)
		if err != nil {
			return err
		}
		if _, err := s.put("/usr/lib/systemd/system/"+name, []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

// manual is a page for each command.
func (s *staging) manual(ctx context.Context) error {
	plain := filepath.Join(s.folder, "manual")
	if _, err := s.runs.output(ctx, "man", plain); err != nil {
		return fmt.Errorf("write manual pages: %w", err)
	}
	pages, err := filepath.Glob(filepath.Join(plain, "*.1"))
	if err != nil {
		return err
	}
	if len(pages) == 0 {
		return fmt.Errorf("%s wrote no manual pages", s.runs.path)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			return err
		}
		if err := s.putCompressed("/usr/share/man/man1/"+filepath.Base(page), text); err != nil {
			return err
		}
	}
	return nil
}

// completions are for three shells, at the places where they look by themselves.
func (s *staging) completions(ctx context.Context) error {
	for _, c := range []struct{ shell, to, packager string }{
		{"bash", "/usr/share/bash-completion/completions/pagesession", ""},
		{"fish", "/usr/share/fish/vendor_completions.d/pagesession.fish", ""},
		{"zsh", zshDebian, "deb"},
		{"zsh", zshRPM, "rpm"},
	} {
		text, err := s.runs.output(ctx, "completion", c.shell)
		if err != nil {
			return fmt.Errorf("write completions: %w", err)
		}
		file, err := s.put(c.to, text)
		if err != nil {
			return err
		}
		file.Packager = c.packager
	}
	return nil
}

// settings is the file of the settings with all defaults, commented out. rpm keeps a changed one
// without a question. dpkg would ask at each upgrade to a version with one more setting, and
// upgrades without a person would stop there, so Debian's package makes it when it is missing.
func (s *staging) settings(ctx context.Context) error {
	text, err := s.runs.output(ctx, "config", "init")
	if err != nil {
		return fmt.Errorf("write settings file: %w", err)
	}
	file, err := s.put("/etc/pagesession.env", text)
	if err != nil {
		return err
	}
	file.Type, file.Packager, file.FileInfo.Mode = files.TypeConfigNoReplace, "rpm", 0o600
	return nil
}

// documents are the README, the pages of docs/ and the changelogs.
func (s *staging) documents(context.Context) error {
	pages, err := filepath.Glob(filepath.Join(s.source, "docs", "*.md"))
	if err != nil {
		return err
	}
	for _, folder := range []string{docs, docs + "docs/"} {
		s.add("", folder, 0o755).Type = files.TypeDir
	}
	s.add(filepath.Join(s.source, "README.md"), docs+"README.md", 0o644)
	for _, page := range pages {
		s.add(page, docs+"docs/"+filepath.Base(page), 0o644)
	}
	changes, err := os.ReadFile(filepath.Join(s.source, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	if err := s.putCompressed(docs+"CHANGELOG.md", changes); err != nil {
		return err
	}
	return s.putCompressed(docs+"changelog", []byte(s.debianChangelog()))
}

// debianChangelog is the entry that Debian's tools expect.
func (s *staging) debianChangelog() string {
	return fmt.Sprintf("pagesession (%s) stable; urgency=medium\n\n  * CHANGELOG.md.gz in this folder has what changed.\n\n -- pagesession authors <authors@pagesession.invalid>  %s\n",
		packageVersion(s.program.version), s.program.built.UTC().Format(time.RFC1123Z))
}

// legal is the license, in Debian's form, and those of all modules in the program.
func (s *staging) legal(context.Context) error {
	license, err := os.ReadFile(filepath.Join(s.source, "LICENSE"))
	if err != nil {
		return err
	}
	if _, err := s.put(docs+"copyright", []byte(copyright(string(license)))); err != nil {
		return err
	}
	notices, err := os.ReadFile(filepath.Join(filepath.Dir(s.program.path), "LICENSES-OF-MODULES"))
	if err != nil {
		return fmt.Errorf("licenses of the modules: %w; run go run ./deploy/dist again", err)
	}
	return s.putCompressed(docs+"LICENSES-OF-MODULES", notices)
}

// copyright has the text of LICENSE as a field of Debian's form: each line is indented, and an
// empty one has a dot.
func copyright(license string) string {
	_, terms, _ := strings.Cut(license, "\n\n")
	holder, terms, _ := strings.Cut(terms, "\n\n")
	var b strings.Builder
	b.WriteString("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: pagesession\n" +
		"Comment: The program has modules of others in it. Their licenses are in\n LICENSES-OF-MODULES.gz in this folder.\n\n" +
		"Files: *\nCopyright: " + strings.TrimPrefix(strings.TrimSpace(holder), "Copyright (c) ") + "\nLicense: MIT\n")
	for line := range strings.Lines(strings.TrimSpace(terms)) {
		line = strings.TrimSpace(line)
		if line == "" {
			line = "."
		}
		b.WriteString(" " + line + "\n")
	}
	return b.String()
}
