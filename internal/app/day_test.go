package app

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/disk"
	"pagesession/internal/monitor"
	"pagesession/internal/testkit"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// minutes adds the seconds of minutes after noon.
func (d *keptDay) minutes(from, to int) {
	for n := from * 60; n < to*60; n++ {
		s := monitor.SampleOf(monitor.Counters{Sessions: 7}, monitor.Counters{}, time.Second)
		s.Seq, s.At = uint64(n+1), noon.Add(time.Duration(n)*time.Second)
		d.Add(s)
	}
}

func logTo(log *testkit.Log) *slog.Logger { return slog.New(slog.NewTextHandler(log, nil)) }

// awaitDay waits until ok.
func awaitDay(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for begun := time.Now(); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begun) > 30*time.Second {
			t.Fatalf("there is still not %s", what)
		}
	}
}

// The last 24 hours go on after a restart. The file is for its owner alone.
func TestDay_Restart(t *testing.T) {
	dir, log := t.TempDir(), new(testkit.Log)
	d := openDay(dir, noon, logTo(log))
	d.minutes(0, 5)
	d.close()
	info, err := os.Stat(filepath.Join(dir, dayFile))
	if err != nil || disk.OthersCanRead(info) {
		t.Errorf("the file is %v, %v; want it closed to others", info, err)
	}
	again := openDay(dir, noon.Add(time.Hour), logTo(log))
	defer again.close()
	if got, _ := again.After(0); len(got) != 3 || !got[2].At.Equal(noon.Add(299*time.Second)) {
		t.Errorf("after a restart there are %v; want three samples, the last one of the stop", got)
	}
	if log.String() != "" {
		t.Errorf("the log has %s; want nothing", log)
	}
}

// The file is written with each sample, so a server that is killed loses one step.
func TestDay_WritesEachStep(t *testing.T) {
	dir := t.TempDir()
	d := openDay(dir, noon, logTo(new(testkit.Log)))
	defer d.close()
	d.minutes(0, 3)
	awaitDay(t, "the file", func() bool {
		got, err := readDay(filepath.Join(dir, dayFile), noon)
		return err == nil && len(got) == 1
	})
}

// What cannot be used is a warning that says why, and the day begins new.
func TestDay_BeginsNew(t *testing.T) {
	for what, spoil := range map[string]func(path string) error{
		"damaged": func(path string) error { return os.WriteFile(path, []byte("sessions"), 0o600) },
		"written by a later version": func(path string) error {
			return os.WriteFile(path, []byte("pagesession dashboard 2 00000000\n"), 0o600)
		},
		"from the future": func(path string) error { return nil },
		"is a link": func(path string) error {
			return errors.Join(os.Rename(path, path+".kept"), os.Symlink(path+".kept", path))
		},
		"is not a regular file": func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
	} {
		t.Run(what, func(t *testing.T) {
			dir, log := t.TempDir(), new(testkit.Log)
			d := openDay(dir, noon, logTo(log))
			d.minutes(0, 5)
			d.close()
			if err := spoil(filepath.Join(dir, dayFile)); err != nil {
				t.Fatal(err)
			}
			d = openDay(dir, noon.Add(-time.Hour), logTo(log))
			if got, _ := d.After(0); len(got) != 0 {
				t.Errorf("the day begins with %v; want nothing", got)
			}
			d.minutes(0, 1)
			d.close()
			if got := log.String(); strings.Count(got, "begin new") != 1 || !strings.Contains(got, what) {
				t.Errorf("the log has %s; want one warning, that the file is %s", got, what)
			}
		})
	}
}

// A file that cannot be written is one warning, and another line when it can. The day goes on.
func TestDay_CannotBeWritten(t *testing.T) {
	dir, log := t.TempDir(), new(testkit.Log)
	d := openDay(dir, noon, logTo(log))
	defer d.close()
	if err := os.MkdirAll(filepath.Join(dir, dayFile+".new", "kept"), 0o700); err != nil {
		t.Fatal(err)
	}
	d.minutes(0, 3)
	awaitDay(t, "the warning", func() bool { return strings.Contains(log.String(), "cannot be written") })
	d.minutes(3, 7)
	if err := os.Rename(filepath.Join(dir, dayFile+".new"), filepath.Join(dir, "away")); err != nil {
		t.Fatal(err)
	}
	d.minutes(7, 9)
	awaitDay(t, "the line that it is written again", func() bool { return strings.Contains(log.String(), "written again") })
	if got := log.String(); strings.Count(got, "cannot be written") != 1 {
		t.Errorf("the log has %s; want one warning", got)
	}
	if got, _ := d.After(0); len(got) != 4 {
		t.Errorf("there are %d samples; want four", len(got))
	}
}
