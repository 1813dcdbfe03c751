package docs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// insideName is the name of this program as the first process of a view.
const insideName = "docs-inside"

// own is the folder of the tests in a view, checkoutThere that of this checkout, in which pages
// begin.
const (
	own           = "/run/docs"
	checkoutThere = "/srv/pagesession"
)

// inside makes the view around itself and runs the steps. When it ends, all processes of the
// view end.
func inside() int {
	var v view
	in := json.NewDecoder(os.Stdin)
	err := in.Decode(&v)
	if err == nil {
		go func() { _, _ = io.Copy(io.Discard, os.Stdin); os.Exit(1) }() // the test has ended
		err = v.enter()
	}
	if err == nil {
		err = v.run(json.NewEncoder(os.Stdout))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "view:", err)
		return 1
	}
	return 0
}

// enter mounts the machine's files, with a layer in memory over them, and makes them the root.
func (v view) enter() error {
	below := func(path string) string { return filepath.Join(v.Dir, "root", path) }
	err := errors.Join(
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
		unix.Mount("tmpfs", v.Dir, "tmpfs", 0, "mode=0755"),
		overlay("/", v.Dir, "root"),
		overlay(v.Checkout, v.Dir, "checkout"),
		overlay(v.Builds, v.Dir, "builds"),
		overlay(v.Modules, v.Dir, "modules"),
		unix.Mount("/dev", below("dev"), "", unix.MS_BIND|unix.MS_REC, ""),
		unix.Mount("proc", below("proc"), "proc", 0, ""),
		unix.Mount("tmpfs", below("run"), "tmpfs", 0, "mode=0755"),
		unix.Mount("tmpfs", below("tmp"), "tmpfs", 0, "mode=1777"),
	)
	for from, to := range map[string]string{
		filepath.Join(v.Dir, "checkout"): checkoutThere, filepath.Join(v.Dir, "builds"): "/opt/builds",
		filepath.Join(v.Dir, "modules"): "/opt/modules", v.Tools: tooling, v.Go: "/opt/go",
	} {
		if err == nil {
			err = errors.Join(os.MkdirAll(below(to), 0o755), unix.Mount(from, below(to), "", unix.MS_BIND|unix.MS_REC, ""))
		}
	}
	if err != nil {
		return fmt.Errorf("mount: %w", err)
	}
	err = errors.Join(unix.Chroot(below("")), os.Chdir(checkoutThere), os.Mkdir(own, 0o755))
	if out, failed := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); failed != nil {
		err = errors.Join(err, fmt.Errorf("ip link: %w: %s", failed, out))
	}
	return err
}

// overlay mounts a folder at dir/name, and what is written there stays in memory.
func overlay(from, dir, name string) error {
	at := filepath.Join(dir, name)
	upper, scratch := at+"-upper", at+"-scratch"
	err := errors.Join(os.Mkdir(at, 0o755), os.Mkdir(upper, 0o755), os.Mkdir(scratch, 0o755))
	if err == nil {
		err = unix.Mount("overlay", at, "overlay", 0, "lowerdir="+from+",upperdir="+upper+",workdir="+scratch)
	}
	return err
}

// run runs one step after the other, until one fails.
func (v view) run(out *json.Encoder) error {
	ready, err := listenReady(filepath.Join(own, "notify"))
	if err != nil {
		return err
	}
	m := &manager{units: make(map[string]*unit)}
	if err := m.listen(filepath.Join(own, "systemd")); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(own, "state"), []byte("cd "+checkoutThere+"\n"), 0o644); err != nil {
		return err
	}
	for _, s := range v.Steps {
		r := runStep(s, ready)
		if err := out.Encode(r); err != nil {
			return err
		}
		if r.Wrong != "" || r.Code != s.Code {
			return nil
		}
	}
	return nil
}
