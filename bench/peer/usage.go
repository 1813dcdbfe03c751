package peer

import (
	"errors"
	"fmt"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// A Usage is what a process uses at one moment.
type Usage struct {
	RSS     int64         // bytes in memory
	Threads int           // of the operating system
	Files   int           // open descriptors, connections among them
	CPU     time.Duration // user and system time since its start, in steps of 10 ms
	// Written is bytes of pages written to a disk, without the file system's metadata.
	Written int64
}

// Usage looks at the process. It is an error on systems other than Linux.
func (c *Process) Usage() (Usage, error) { return usageOf(c.cmd.Process.Pid) }

func usageOf(pid int) (Usage, error) {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return Usage{}, fmt.Errorf("look at the server: %w", err)
	}
	memory, err1 := p.MemoryInfo()
	threads, err2 := p.NumThreads()
	files, err3 := p.NumFDs()
	times, err4 := p.Times()
	io, err5 := p.IOCounters()
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return Usage{}, fmt.Errorf("look at the server: %w", err)
	}
	return Usage{
		RSS: int64(memory.RSS), Threads: int(threads), Files: int(files),
		CPU: seconds(times.User + times.System), Written: int64(io.DiskWriteBytes),
	}, nil
}

// CPUTime is the processor time of the process and all below it, where it is known.
func (c *Process) CPUTime() (used time.Duration, ok bool) {
	p, err := process.NewProcess(int32(c.cmd.Process.Pid))
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
	children, _ := p.Children() // none is an error to some versions
	for _, child := range children {
		below, _ := cpuTime(child) // ended since
		used += below
	}
	return used, true
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
