//go:build linux

package promises

import (
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// roomAttack fills the disk, by others and by the server's own sessions.
func roomAttack() Attack {
	return Attack{
		Name: "room", About: "a disk filled by others, a limit of the file's size, a disk filled by own sessions, a start on a full disk",
		Promises: []string{"P1", "P3", "P8", "P9"}, CI: 4, Long: 100,
		Needs: []need{root(), loop(), program("mkfs.ext4", "e2fsprogs")}, Run: runRoom,
	}
}

func runRoom(a *arena) error {
	d, err := a.mount(16 << 20)
	if err != nil {
		return err
	}
	defer d.unmount()
	a.data = filepath.Join(d.dir, "data")
	r := &room{chain: &chain{arena: a, opt: setup{idle: time.Minute}}, volume: d}
	ways := []func(*server) death{r.others, r.limited, r.own, r.restarted}
	err = a.each(func(i int) error {
		r.opt.idle = time.Minute
		if i%len(ways) == 2 {
			r.opt.idle = 8 * time.Second
		}
		return r.next(func(s *server) death {
			d := ways[i%len(ways)](s)
			d.forgets = true
			return d
		})
	})
	if err != nil {
		return err
	}
	return r.close()
}

// A room is a server on a small disk.
type room struct {
	*chain
	volume *volume
}

// fill writes a file of others until the disk is full.
func (r *room) fill() (path string) {
	path = filepath.Join(r.volume.dir, "others")
	f, err := os.Create(path)
	if err != nil {
		r.ledger.fault("P9", "fill the disk: %v", err)
		return path
	}
	defer f.Close()
	for size := 1 << 20; size >= 512; size /= 2 {
		for block := make([]byte, size); err == nil; {
			_, err = f.Write(block)
		}
		err = nil
	}
	_ = f.Sync() // what does not fit is not there
	return path
}

// full judges a server that has no room, until free makes some.
func (r *room) full(s *server, some []*account, free func() error) death {
	v := s.visitor(r.ledger)
	defer v.close()
	const most, step = 100_000, 320 // 16 MiB hold fewer
	for n := 0; n < most && s.alive() && len(r.populate(s, step)) == step; n += step {
	}
	for n := 0; n < most/step && len(v.refusals) < 20 && s.alive(); n++ {
		v.create(r.names.next())
	}
	if len(v.refusals) == 0 {
		r.ledger.fault("P9", "%d creations on a full disk were done", most)
	}
	r.quick(v.refusals)
	for i := 0; i+1 < min(20, len(some)); i += 2 {
		r.bears(s, "P9", some[i:], yes, later)
	}
	if err := free(); err != nil {
		r.ledger.fault("P9", "make room: %v", err)
	}
	if !r.heals(s, "P9", 2*time.Second) {
		return s.kill()
	}
	return r.stop(s)
}

// others fill the disk.
func (r *room) others(s *server) death {
	some := r.populate(s, 100)
	path := r.fill()
	return r.full(s, some, func() error { return os.Remove(path) })
}

// limited lets no file of the process grow: EFBIG.
func (r *room) limited(s *server) death {
	some := r.populate(s, 100)
	info, err := os.Stat(s.file())
	if err != nil {
		r.ledger.fault("P9", "%v", err)
		return s.kill()
	}
	limit := unix.Rlimit{Cur: uint64(info.Size()), Max: unix.RLIM_INFINITY}
	if err := unix.Prlimit(s.pid(), unix.RLIMIT_FSIZE, &limit, nil); err != nil {
		r.ledger.fault("P9", "prlimit: %v", err)
	}
	return r.full(s, some, func() error {
		limit.Cur = unix.RLIM_INFINITY
		return unix.Prlimit(s.pid(), unix.RLIMIT_FSIZE, &limit, nil)
	})
}

// own fills what is left of the disk with sessions, which then expire.
func (r *room) own(s *server) death {
	const most, left = 50_000, 1500 << 10
	path := r.fill()
	defer os.Remove(path)
	if info, err := os.Stat(path); err != nil || os.Truncate(path, info.Size()-left) != nil {
		r.ledger.fault("P9", "make room: %v", err)
	}
	v := s.visitor(r.ledger)
	defer v.close()
	var some []*account
	for n := 0; n < most && len(v.refusals) == 0 && s.alive(); n += 500 {
		some = append(some, r.populate(s, 500)...)
		v.create(r.names.next())
	}
	if len(v.refusals) == 0 {
		r.ledger.fault("P8", "%d sessions fit into %d bytes", most, left)
		return s.kill()
	}
	for i := len(some) - 10; i < len(some); i += 2 {
		r.bears(s, "P8", some[i:], yes) // there is a reserve
	}
	const sweep = 5 * time.Second
	r.pause(r.opt.idle)
	if !r.heals(s, "P8", 2*sweep+2*time.Second) {
		return s.kill()
	}
	return r.stop(s)
}

// restarted stops a server on a full disk and starts it again: that needs no room.
func (r *room) restarted(s *server) death {
	some := r.populate(s, 2000)
	path := r.fill()
	defer os.Remove(path)
	d := r.stop(s)
	d.forgets = true
	again, err := r.boot(r.opt)
	if err != nil {
		return d
	}
	r.unlisted = true // a server that starts on a full disk has no socket for commands
	defer func() { r.unlisted = false }()
	if err := r.recovered(again, d); err != nil {
		r.ledger.fault("P9", "%v", err)
	}
	r.bears(again, "P9", some, yes, later)
	if err := os.Remove(path); err != nil {
		r.ledger.fault("P9", "make room: %v", err)
	}
	if !r.heals(again, "P9", 3*time.Second) {
		return again.kill()
	}
	return r.stop(again)
}

// median is the middle of the times; 0 of none.
func (list refusals) median() time.Duration {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}
