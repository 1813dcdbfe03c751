package console_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/gob"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/monitor"
	"pagesession/storage/record"
)

const million = 1_000_000

// BenchmarkSessionList is a page of the list at 1,000,000 live sessions, from the
// request to the last byte: 50 ms is what is promised.
func BenchmarkSessionList(b *testing.B) {
	if testing.Short() {
		b.Skip("plants a million sessions")
	}
	d := openConsole(b)
	d.superuser("ada")
	d.plant(million)
	ada := d.as("ada")
	for _, bm := range []struct{ name, query, shows string }{
		{"used last", "", "1 to 50 of 1\u202f000\u202f000"},
		{"newest", "?o=-created", "1 to 50 of 1\u202f000\u202f000"},
		{"ending first", "?o=left", "1 to 50 of"},
		{"last page", "?p=20000", "999\u202f951 to 1\u202f000\u202f000 of"},
		{"most refreshed", "?o=-refreshed", "1 to 50 of"},
		{"ending within 10 s", "?state=10s", "No sessions"},
		{"ended", "?state=ended", "No ended sessions"},
		{"name", "?q=visitor777777", "1 in all"},
		{"nobody", "?q=nobody", "No matching sessions"},
	} {
		b.Run(bm.name, func(b *testing.B) {
			for b.Loop() {
				if a := ada.get("/admin/sessions/" + bm.query); !strings.Contains(a.Text, bm.shows) {
					b.Fatalf("GET %s = %d without %q", a.What, a.StatusCode, bm.shows)
				}
			}
		})
	}
}

// plant creates live sessions, many at a time: they share the disk.
func (d *fixture) plant(n int) {
	d.t.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	for range 2048 {
		all.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				if i%100 == 0 {
					d.clock.Advance(time.Millisecond) // a crowd of 100,000 a second
				}
				var value bytes.Buffer
				err := gob.NewEncoder(&value).Encode(map[string]any{"name": "visitor" + strconv.FormatInt(i, 10)})
				if err == nil {
					err = d.visitors.Create(context.Background(), record.KeyOf(rand.Text()), value.Bytes(), record.Lifetime{Idle: time.Hour, Absolute: 12 * time.Hour})
				}
				if err != nil {
					d.t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// BenchmarkHome is the dashboard with all that the monitor keeps.
func BenchmarkHome(b *testing.B) {
	d := openConsole(b)
	d.superuser("ada")
	d.fill()
	ada := d.as("ada")
	for b.Loop() {
		ada.get("/admin/").Wants(200, "<path")
	}
}

// BenchmarkStream is a stream's beginning, and then one of its seconds.
func BenchmarkStream(b *testing.B) {
	d := openConsole(b)
	d.superuser("ada")
	d.fill()
	ada := d.as("ada")
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			s := ada.watch()
			s.next()
			s.close()
		}
	})
	b.Run("second", func(b *testing.B) {
		s := ada.watch()
		defer s.close()
		for !strings.HasSuffix(s.next(), "\n\n") { // what there is at the beginning
		}
		for b.Loop() {
			d.monitor.add(monitor.Counters{Sessions: 1})
			s.next()
		}
	})
}

// fill gives the monitor as many samples as the real one keeps.
func (d *fixture) fill() {
	for i := range monitor.Kept {
		d.monitor.add(monitor.Counters{Sessions: int64(i), Refreshes: uint64(i) * 3, CommitMedian: time.Duration(i) * 1371, Commit99: time.Duration(i) * 5371, Memory: int64(i) << 20})
	}
}
