package peer

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// A Usage has what the product uses at one moment.
type Usage struct {
	RSS     int64         // bytes in memory
	Threads int           // of the operating system
	Files   int           // open descriptors, connections included
	CPU     time.Duration // user and system time since its start, in steps of 10 ms
	Written int64         // bytes of pages written to a disk, without the file system's metadata
	File    int64         // bytes of the session file
}

// Usage returns what the product uses. It is an error on systems other than Linux.
func (c *Process) Usage() (Usage, error) {
	u, err1 := usageOf(c.cmd.Process.Pid)
	info, err2 := os.Stat(SessionFile(c.cmd.Dir))
	if err := errors.Join(err1, err2); err != nil {
		return Usage{}, fmt.Errorf("read the server's usage: %w", err)
	}
	u.File = info.Size()
	return u, nil
}

// usageOf returns the usage of any process, without File.
func usageOf(pid int) (Usage, error) {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return Usage{}, err
	}
	memory, err1 := p.MemoryInfo()
	threads, err2 := p.NumThreads()
	files, err3 := p.NumFDs()
	times, err4 := p.Times()
	io, err5 := p.IOCounters()
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return Usage{}, err
	}
	return Usage{
		RSS: int64(memory.RSS), Threads: int(threads), Files: int(files),
		CPU: seconds(times.User + times.System), Written: int64(io.DiskWriteBytes),
	}, nil
}

// CPUTime returns the processor time of the process and of all its child processes; ok is
// false where that is unknown.
func (c *Process) CPUTime() (used time.Duration, ok bool) { return CPUTimeOf(c.cmd.Process.Pid) }

// CPUTimeOf is CPUTime of any process.
func CPUTimeOf(pid int) (used time.Duration, ok bool) {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return 0, false
	}
	return cpuTime(p)
}

func cpuTime(p *process.Process) (used time.Duration, ok bool) {
	times, err := p.Times()
	if err != nil {
		return 0, false
	}
	used = seconds(times.User + times.System)
	children, _ := p.Children() // some versions return an error for none
	for _, child := range children {
		below, _ := cpuTime(child) // fails if it has ended
		used += below
	}
	return used, true
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
