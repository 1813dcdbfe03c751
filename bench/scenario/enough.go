package scenario

import (
	"errors"
	"fmt"
	"time"

	"github.com/shirou/gopsutil/v4/disk"
	"github.com/shirou/gopsutil/v4/mem"

	"pagesession/bench/report"
)

// What a session costs the machine at its peak, measured with a million.
const (
	sessionMemory = 1000 // of the server during its start 630 bytes; the rest is the client's lists
	sessionDisk   = 500  // its record of 150 bytes, in a file that a start writes anew, and touches
	slack         = 512 << 20
)

// maxWrkList is how many ids wrk can hold: Lua has 2 GiB at most for its list.
const maxWrkList = 2_000_000

// clientFor returns the client for a list of ids of that length.
func clientFor(name string, ids int) string {
	if name == "auto" && ids > maxWrkList {
		return "own"
	}
	return name
}

// startTime is how long a start on a file with that many sessions may take. It takes
// about 2.5 s for a million where nothing else runs, and far more on a busy machine.
func startTime(sessions int) time.Duration {
	return 20*time.Second + time.Duration(sessions)*60*time.Microsecond
}

// enough reports, before anything is written, what this machine or this client is too
// small for.
func (b *Bench) enough() error {
	if b.Client == "wrk" && b.largest() > maxWrkList {
		return fmt.Errorf("wrk can hold %s ids at most, and %s are asked for; choose -client own or smaller -sizes",
			report.Number(maxWrkList), report.Number(float64(b.largest())))
	}
	return b.fits("smaller -sizes", b.Sizes...)
}

// fits reports whether the machine has the memory for the last of those numbers of sessions,
// and the disk for all of them together; instead says what to choose if it has not.
func (b *Bench) fits(instead string, sizes ...int) error {
	memory, err1 := mem.VirtualMemory()
	room, err2 := disk.Usage(b.dir)
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("find out how much memory and disk is free: %w", err)
	}
	return enough(instead, sizes, memory.Available, room.Free)
}

// enough is what is missing for sessions of those sizes, the largest last.
func enough(instead string, sizes []int, memory, room uint64) error {
	var all, largest uint64
	for _, n := range sizes {
		all, largest = all+uint64(n), uint64(n)
	}
	if need := largest*sessionMemory + slack; need > memory {
		return fmt.Errorf("%s sessions need about %d MiB of memory, %d MiB are free; choose %s", report.Number(float64(largest)), need>>20, memory>>20, instead)
	}
	if need := all*sessionDisk + slack; need > room {
		return fmt.Errorf("%s sessions need about %d MiB of disk in the temporary folder, %d MiB are free; choose %s, or another TMPDIR", report.Number(float64(all)), need>>20, room>>20, instead)
	}
	return nil
}
