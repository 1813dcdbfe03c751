package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"pagesession/internal/disk"
	"pagesession/internal/monitor"
)

// dayFile has the dashboard's last 24 hours. It is only for charts: a start without it begins
// new, and no backup has it.
const dayFile = "dashboard-24h"

// dayWait is how long a stop waits for the file at most. Sessions are written meanwhile.
const dayWait = time.Second

// A keptDay is the day of the monitor and the goroutine that writes it to the file: with each
// sample, every two minutes, and at the stop.
type keptDay struct {
	*monitor.Day
	path string
	log  *slog.Logger

	stop, done chan struct{}
}

// openDay reads the file. What cannot be used is a warning.
func openDay(dir string, now time.Time, log *slog.Logger) *keptDay {
	d := &keptDay{path: filepath.Join(dir, dayFile), log: log, stop: make(chan struct{}), done: make(chan struct{})}
	samples, err := readDay(d.path, now)
	if err != nil {
		log.Warn("the dashboard's last 24 hours begin new", slog.Any("error", err))
	}
	d.Day = monitor.NewDay(samples)
	go d.keep(d.newest())
	return d
}

// readDay returns nothing if there is no file. It reads no link, and no pipe, which may never end.
func readDay(path string, now time.Time) ([]monitor.Sample, error) {
	if err := disk.CheckOwn(path); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, monitor.MaxDayBytes))
	if err != nil {
		return nil, err
	}
	samples, err := monitor.DecodeDay(content, now)
	if err != nil {
		return nil, fmt.Errorf("%q is %w", path, err)
	}
	return samples, nil
}

// keep writes the file until close; written is the number of the newest sample in it. It logs
// when writing begins to fail, and when it works again.
func (d *keptDay) keep(written uint64) {
	defer close(d.done)
	failed := false
	for stopping := false; !stopping; {
		stopping = d.wait(written)
		written = d.newest()
		err := disk.WriteFile(d.path, d.Encode())
		if err != nil && !failed {
			d.log.Warn("the dashboard's last 24 hours cannot be written; they go on, and a restart loses them", slog.Any("error", err))
		} else if err == nil && failed {
			d.log.Info("the dashboard's last 24 hours are written again")
		}
		failed = err != nil
	}
}

// wait waits for a sample after that with a number, or for the stop, which ends the last step.
func (d *keptDay) wait(number uint64) (stopping bool) {
	for {
		samples, more := d.After(number)
		if len(samples) > 0 {
			return false
		}
		select {
		case <-d.stop:
			d.End()
			return true
		case <-more:
		}
	}
}

// newest returns the number of the newest sample; 0 for none.
func (d *keptDay) newest() uint64 {
	all, _ := d.After(0)
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].Seq
}

// close writes the last samples. It does not wait long for a disk that hangs. The monitor has to
// be closed already. A nil day is fine.
func (d *keptDay) close() {
	if d == nil {
		return
	}
	close(d.stop)
	select {
	case <-d.done:
	case <-time.After(dayWait):
		d.log.Warn("the disk has not answered in time; the dashboard's last minutes may be missing")
	}
}
