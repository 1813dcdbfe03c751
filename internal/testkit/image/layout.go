package image

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// rooted matches the beginning of an absolute path in a command line.
var rooted = regexp.MustCompile(`(^|\s)/`)

// Build runs the command lines of a stage in the folder source, as they stand, except that
// absolute paths are below the folder root.
func (s *Stage) Build(source, root string) error {
	for _, line := range s.Runs {
		cmd := exec.Command("sh", "-c", rooted.ReplaceAllString(line, "${1}"+root+"/"))
		cmd.Dir = source
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", line, err, out)
		}
	}
	return nil
}

// Layout carries out the COPY instructions of a stage that begins with an empty root, in the
// folder root. found returns where a file of another stage is on this machine. Only root may
// call it, because files get other owners.
func (s *Stage) Layout(root string, found func(stage, path string) string) error {
	if s.Base != "scratch" {
		return fmt.Errorf("the stage begins with %q; want scratch", s.Base)
	}
	for _, c := range s.Copies {
		if err := c.into(root, found(c.From, c.Source)); err != nil {
			return fmt.Errorf("COPY %s %s: %w", c.Source, c.Dest, err)
		}
	}
	return nil
}

// into copies a file, or what is in a folder, as builders do: folders above the destination are
// made, and belong to root.
func (c Copy) into(root, source string) error {
	dest := filepath.Join(root, c.Dest)
	info, err := os.Stat(source)
	if err != nil {
		return err
	}
	if !info.IsDir() && strings.HasSuffix(c.Dest, "/") {
		dest = filepath.Join(dest, filepath.Base(c.Source))
	}
	if err := os.MkdirAll(filepath.Dir(dest), 0o755); err != nil {
		return err
	}
	return filepath.WalkDir(source, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(source, path)
		if err != nil || info.IsDir() && below == "." {
			return err // the destination itself is there already, or is the builder's
		}
		return c.one(path, filepath.Join(dest, below), d)
	})
}

// one copies a file or makes a folder, with its owner and mode.
func (c Copy) one(from, to string, d fs.DirEntry) error {
	info, err := d.Info()
	if err != nil {
		return err
	}
	mode := info.Mode().Perm()
	if c.Mode != "" {
		bits, err := strconv.ParseUint(c.Mode, 8, 12)
		if err != nil {
			return err
		}
		mode = fs.FileMode(bits)
	}
	if d.IsDir() {
		err = os.Mkdir(to, mode)
	} else {
		err = copyFile(from, to)
	}
	user, group, err2 := IDs(c.Owner)
	return errors.Join(err, err2, os.Chown(to, user, group), os.Chmod(to, mode))
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

// IDs returns the numbers of an owner such as 65532:65532; 0 for "". An image without
// /etc/passwd has no names.
func IDs(owner string) (user, group int, err error) {
	if owner == "" {
		return 0, 0, nil
	}
	if _, err := fmt.Sscanf(owner, "%d:%d", &user, &group); err != nil {
		return 0, 0, fmt.Errorf("owner %q is not NUMBER:NUMBER: %w", owner, err)
	}
	return user, group, nil
}
