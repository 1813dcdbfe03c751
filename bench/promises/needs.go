//go:build linux

package promises

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// root is for what only root may do.
func root() need {
	return need{"root", func() error {
		if os.Geteuid() != 0 {
			return errors.New("the bench runs as another user")
		}
		return nil
	}}
}

// program is for a program that must be installed.
func program(name, pack string) need {
	return need{name, func() error {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Errorf("it is not installed (package %s)", pack)
		}
		return nil
	}}
}

// loop is for file systems in image files.
func loop() need {
	return need{"loop devices", func() error {
		dir, err := os.MkdirTemp("", "pagesession-loop-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		image := filepath.Join(dir, "image")
		if err := os.WriteFile(image, make([]byte, 1<<20), 0o600); err != nil {
			return err
		}
		out, err := exec.Command("losetup", "--find", "--show", image).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return exec.Command("losetup", "--detach", strings.TrimSpace(string(out))).Run()
	}}
}

// timeNamespaces is for clocks of a process's own.
func timeNamespaces() need {
	return need{"time namespaces", func() error {
		if out, err := exec.Command("unshare", "--time", "--boottime", "1", "true").CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}}
}

// memoryGroups is the folder of memory cgroups, of version 1 or 2.
const memoryGroups = "/sys/fs/cgroup/memory"

// cgroups is for limits of a process's memory.
func cgroups() need {
	return need{"memory cgroups", func() error {
		g, err := newGroup(1 << 30)
		if err != nil {
			return err
		}
		return g.remove()
	}}
}
