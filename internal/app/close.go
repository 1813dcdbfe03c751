package app

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// A stop takes at most drainTime for running requests and closeTime for the last flush.
// Together they stay below the documented 5 s.
const (
	drainTime = 3 * time.Second
	closeTime = 1500 * time.Millisecond
	// notReadyTime is for probes and visitors who are told to come back.
	notReadyTime = 200 * time.Millisecond
)

// close finishes running requests, then flushes. Slow clients and disks cannot delay it
// beyond drainTime and closeTime. A second signal ends the wait for clients; what was
// answered is flushed all the same.
func (a *app) close() error {
	if a.server == nil {
		return nil
	}
	a.process.Systemd.Stopping(stopTime, "stopping")
	a.server.Draining()
	close(a.done)
	drain := drainTime
	if a.visitors == nil || a.console == nil { // no visitor has been let in
		drain = notReadyTime
	}
	if err := a.closePorts(drain); err != nil {
		// Only a warning: the cause is a client that did not read its answer.
		a.log.Warn("requests were cut off by the stop", slog.Any("error", err))
	}
	a.access.Close()
	closed := make(chan error, 1)
	go func() { closed <- a.closeFiles() }()
	select {
	case err := <-closed:
		if err != nil {
			return incomplete{err}
		}
		return nil
	case <-time.After(closeTime):
		return incomplete{fmt.Errorf("close the files: the disk has not answered within %v", closeTime)}
	}
}

// incomplete is the error of a stop after which the files may lack something.
type incomplete struct{ error }

func (i incomplete) Error() string {
	return i.error.Error() + "; refreshes of the last moments, and ends that were said not to be on disk yet, may be missing"
}

func (i incomplete) Unwrap() error { return i.error }

// ExitCode tells supervisors such a stop from other failures.
func (incomplete) ExitCode() int { return 3 }

// closeFiles closes the open files, all at once.
func (a *app) closeFiles() error {
	if a.monitor != nil {
		a.monitor.Close() // it reads the store's figures
	}
	a.backups.stop()       // they read the accounts
	a.endings.Close()      // it writes to the audit log
	a.group.Load().Close() // it writes to Redis
	// A count of each network's sessions may still run. It reads memory only, and with ten million
	// sessions it takes longer than a stop.
	errs := make([]error, 3)
	var all sync.WaitGroup // one that hangs must not keep the others from closing
	all.Go(a.traces.Stop)
	all.Go(a.day.close)
	if a.visitors != nil {
		all.Go(func() { errs[0] = a.visitors.Close() })
	}
	if a.console != nil {
		all.Go(func() { errs[1] = a.console.Close() })
	}
	if a.accounts != nil {
		all.Go(func() { errs[2] = a.accounts.Close() })
	}
	all.Wait()
	return errors.Join(errs...)
}
