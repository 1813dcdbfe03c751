package console

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// In each zone of Go's own database, also those whose clocks jump over midnight as in Santiago,
// Cairo, Beirut, Asuncion and Havana, each day begins where the one before it ends: the first
// instant has that date or a later one, and the instant before it an earlier date.
func TestDayBegins_AllZones(t *testing.T) {
	without := map[string]int{}
	for name, zone := range allZones(t) {
		for at := time.Date(2015, time.January, 1, 0, 0, 0, 0, zone); at.Year() < 2031; {
			_, end := at.ZoneBounds()
			if end.IsZero() {
				break
			}
			for later := -2; later <= 2; later++ {
				year, month, day := end.Date()
				if !beginsRight(t, year, month, day+later, zone) {
					without[name]++
				}
			}
			if !end.After(at) { // at the end of some years ZoneBounds stands still
				end = at.AddDate(0, 0, 1)
			}
			at = end
		}
	}
	for _, name := range []string{"America/Santiago", "Africa/Cairo", "Asia/Beirut", "America/Asuncion", "America/Havana"} {
		if without[name] == 0 {
			t.Errorf("%s has no day without a midnight; want some, or the test looks at nothing", name)
		}
	}
}

// beginsRight checks one day, and returns whether it has a midnight.
func beginsRight(t *testing.T, year int, month time.Month, day int, zone *time.Location) bool {
	t.Helper()
	date := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	first := dayBegins(year, month, day, zone)
	if dateOf(first).Before(date) || !dateOf(first.Add(-1)).Before(date) {
		t.Errorf("%s in %s begins at %s", date.Format(time.DateOnly), zone, first)
	}
	if second := first.Add(time.Second); dateOf(second).Before(date) {
		t.Errorf("%s in %s begins at %s, and goes back", date.Format(time.DateOnly), zone, first)
	}
	hour, minute, _ := first.Clock()
	return hour == 0 && minute == 0
}

// allZones reads the zones that the Go toolchain brings, which the program embeds.
func allZones(t *testing.T) map[string]*time.Location {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal("the zones are those of the Go toolchain: ", err)
	}
	packed, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*time.Location{}
	for _, f := range files.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if all[f.Name], err = time.LoadLocationFromTZData(f.Name, data); err != nil {
			t.Fatal(err)
		}
	}
	if len(all) < 400 || slices.Contains([]*time.Location{all["America/Santiago"], all["Asia/Beirut"]}, nil) {
		t.Fatalf("%d zones; want all", len(all))
	}
	return all
}
