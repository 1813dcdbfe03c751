//go:build linux

package promises

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// powercutAttack cuts a disk off without its log being written, which loses everything
// that was not fsynced.
func powercutAttack() Attack {
	return Attack{
		Name: "powercut", About: "an ext4 file system is cut off under load and mounted again", Promises: []string{"P1", "P2", "P3", "P5", "P6"},
		CI: 20, Long: 1200, Needs: []need{root(), loop(), program("mkfs.ext4", "e2fsprogs")}, Run: runPowercut,
	}
}

func runPowercut(a *arena) error {
	d, err := a.mount(256 << 20)
	if err != nil {
		return err
	}
	defer d.unmount()
	a.data = filepath.Join(d.dir, "data")
	c := &chain{arena: a}
	err = a.each(func(i int) error {
		err := c.next(func(s *server) death {
			return c.under(s, 16, func(s *server) death {
				a.pause(a.between(time.Millisecond, 250*time.Millisecond))
				return d.cutUnder(s)
			})
		})
		if err != nil {
			return err
		}
		return d.again()
	})
	if err != nil {
		return err
	}
	return c.close()
}

// A volume is an ext4 file system in an image file.
type volume struct{ image, dir string }

// mount makes and mounts one of that size.
func (a *arena) mount(size int64) (*volume, error) {
	d := &volume{image: filepath.Join(a.dir, "image"), dir: filepath.Join(a.dir, "mnt")}
	f, err := os.Create(d.image)
	if err == nil {
		err = f.Truncate(size)
		_ = f.Close()
	}
	if err == nil {
		err = os.Mkdir(d.dir, 0o700)
	}
	if err == nil {
		err = runProgram("mkfs.ext4", "-q", "-F", "-m", "0", d.image)
	}
	if err == nil {
		err = d.remount()
	}
	if err != nil {
		return nil, fmt.Errorf("make a file system: %w", err)
	}
	return d, nil
}

func (d *volume) remount() error { return runProgram("mount", "-o", "loop", d.image, d.dir) }

// again brings a disk back that was cut off.
func (d *volume) again() error {
	if err := runProgram("umount", d.dir); err != nil {
		return err
	}
	return d.remount()
}

// unmount takes the file system away, whatever still uses it.
func (d *volume) unmount() { _ = runProgram("umount", "-l", d.dir) }

// cutUnder cuts the disk off under a server, and kills it.
func (d *volume) cutUnder(s *server) death {
	before := now()
	d.cut()
	died := s.kill()
	return death{lastAct: before, cut: before, at: died.at}
}

// cut is EXT4_IOC_SHUTDOWN: from now on nothing reaches the disk, not even the log.
func (d *volume) cut() {
	const (
		shutdown   = 0x8004587d // _IOR('X', 125, uint32)
		noLogFlush = 2
	)
	f, err := os.Open(d.dir)
	if err != nil {
		return // it is cut off already
	}
	defer f.Close()
	_ = unix.IoctlSetPointerInt(int(f.Fd()), shutdown, noLogFlush)
}

// runProgram runs a program that must not fail.
func runProgram(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %v: %w: %s", name, args, err, out)
	}
	return nil
}
