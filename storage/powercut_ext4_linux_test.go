package storage_test

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"pagesession/storage"
)

// A file system is cut off at random moments, without its log being written, and
// mounted again. What was not synced is really gone; everything that was confirmed
// is there.
func TestPowercut_Ext4(t *testing.T) {
	d := mountExt4(t, 256<<20)
	c := &crashes{t: t, l: newLedger(), path: filepath.Join(d.dir, "sessions.db"), seed: newSeed(t)}
	c.rng = rand.New(rand.NewPCG(c.seed, 0))
	for i := range sized(8, 1200) {
		c.cycle(i, func(p *process, n int) time.Duration { return d.cutUnder(p, n, c) })
	}
	c.finish()
}

// A power cut while the file is detached loses nothing that was answered with nil: the new file is durable before it has the name.
func TestPowercut_WhileDetached(t *testing.T) {
	d := mountExt4(t, 256<<20)
	c := &crashes{t: t, l: newLedger(), path: filepath.Join(d.dir, "sessions.db"), seed: newSeed(t)}
	c.rng = rand.New(rand.NewPCG(c.seed, 0))
	c.onTrap(sized(6, 300), func(p *process, n int) time.Duration {
		crashed := d.cutUnder(p, n, c)
		c.l.cutAt = 1
		return crashed
	})
}

// A plug is an ext4 file system in an image file, which can be cut off.
type plug struct {
	t          *testing.T
	image, dir string
}

// mountExt4 makes and mounts a plug.
func mountExt4(t *testing.T, size int64) *plug {
	if os.Geteuid() != 0 {
		t.Skip("not root: no file system can be mounted")
	}
	if _, err := os.Stat("/dev/loop-control"); err != nil {
		t.Skip("no loop devices here")
	}
	if _, err := exec.LookPath("mkfs.ext4"); err != nil {
		t.Skip("mkfs.ext4 is missing (e2fsprogs)")
	}
	d := &plug{t: t, image: filepath.Join(memoryDir(t), "image"), dir: t.TempDir()}
	if err := os.WriteFile(d.image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.image, size); err != nil {
		t.Fatal(err)
	}
	d.run("mkfs.ext4", "-q", "-F", d.image)
	if out, err := exec.Command("mount", "-o", "loop", d.image, d.dir).CombinedOutput(); err != nil {
		t.Skipf("loop devices are not allowed here: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", d.dir).Run() })
	return d
}

func (d *plug) run(name string, args ...string) {
	d.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		d.t.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
}

// cutUnder cuts the power while a child works, and mounts the disk again.
func (d *plug) cutUnder(p *process, n int, c *crashes) time.Duration {
	if n >= 0 {
		time.Sleep(time.Duration(c.rng.IntN(250_000)) * time.Microsecond)
	}
	before := storage.SystemClock().Boot()
	d.cut()
	after := p.kill()
	c.l.cutAt, c.l.lastAct = before, before // the child sees the disk fail before it is killed
	d.run("umount", d.dir)
	d.run("mount", "-o", "loop", d.image, d.dir)
	return after
}

// cut is EXT4_IOC_SHUTDOWN: from then on nothing reaches the disk, not even the file
// system's journal.
func (d *plug) cut() {
	const (
		shutdown   = 0x8004587d // _IOR('X', 125, uint32)
		noLogFlush = 2
	)
	f, err := os.Open(d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := unix.IoctlSetPointerInt(int(f.Fd()), shutdown, noLogFlush); err != nil {
		d.t.Fatalf("EXT4_IOC_SHUTDOWN: %v", err)
	}
}
