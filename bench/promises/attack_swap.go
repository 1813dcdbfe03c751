//go:build linux

package promises

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// swapAttack changes the session file under a running server.
func swapAttack() Attack {
	return Attack{
		Name: "swap", About: "the file is removed, cut, overwritten, replaced by an older one, its folder moved away, under load",
		Promises: []string{"P1", "P3", "P10"}, CI: 5, Long: 100, Run: runSwap,
	}
}

// A vandal changes a session file, or its folder, and has an older copy of it.
type vandal struct {
	name string
	do   func(path, older string) error
}

func vandals() []vandal {
	return []vandal{
		{"removed", func(path, _ string) error { return os.Remove(path) }},
		{"replaced by an older copy", func(path, older string) error { return os.Rename(older, path) }},
		{"cut to half", func(path, _ string) error {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			return os.Truncate(path, info.Size()/2)
		}},
		{"overwritten", func(path, _ string) error { return overwrite(path, 0, 16<<10) }},
		{"removed with its folder", func(path, _ string) error {
			dir := filepath.Dir(path)
			if err := os.Rename(dir, dir+".moved"); err != nil {
				return err
			}
			return os.Mkdir(dir, 0o700)
		}},
	}
}

// overwrite writes rubbish into a file.
func overwrite(path string, at, n int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	rubbish := make([]byte, n)
	for i := range rubbish {
		rubbish[i] = 0xA5
	}
	_, err = f.WriteAt(rubbish, at)
	return err
}

func (s *server) file() string { return filepath.Join(s.data, "sessions.db") }

func runSwap(a *arena) error {
	c := &chain{arena: a}
	list := vandals()
	err := a.each(func(i int) error {
		return c.next(func(s *server) death {
			v := list[i%len(list)]
			d, err := c.swapped(s, v)
			if err != nil {
				a.ledger.fault("P10", "file %s: %v", v.name, err)
				return s.kill()
			}
			return d
		})
	})
	if err != nil {
		return err
	}
	return c.close()
}

// swapped vandalises the file of a server under load, waits until the server has
// noticed and healed, and kills it.
func (c *chain) swapped(s *server, v vandal) (death, error) {
	c.populate(s, 64)
	older := filepath.Join(c.dir, "older.db")
	if out, err := exec.Command("cp", s.file(), older).CombinedOutput(); err != nil {
		return death{}, fmt.Errorf("copy the file: %w: %s", err, out)
	}
	crowd := c.crowd(s, 4, usual())
	defer crowd.leave()
	c.pause(300 * time.Millisecond)
	if err := v.do(s.file(), older); err != nil {
		return death{}, err
	}
	defer os.RemoveAll(c.data + ".moved")
	const notice = 3 * time.Second // 2 s, and a machine that has other work
	c.pause(notice)
	if !c.heals(s, "P10", 5*time.Second) {
		return s.kill(), nil
	}
	c.pause(window)
	return s.kill(), nil
}
