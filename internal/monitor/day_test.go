package monitor_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/monitor"
)

// noon is when the tests' days begin.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// second returns the sample of a second after noon.
func second(n int, c monitor.Counters) monitor.Sample {
	s := monitor.SampleOf(c, monitor.Counters{}, time.Second)
	s.Seq, s.At = uint64(n+1), noon.Add(time.Duration(n)*time.Second)
	return s
}

// dayOf returns a day of seconds after noon, from to to.
func dayOf(d *monitor.Day, from, to int) *monitor.Day {
	for n := from; n < to; n++ {
		d.Add(second(n, monitor.Counters{Sessions: 7, Refreshes: 100}))
	}
	return d
}

func all(d *monitor.Day) []monitor.Sample {
	samples, _ := d.After(0)
	return samples
}

// A sample has the means of rates and the highest of other values; nothing where nothing was
// measured.
func TestDay_Values(t *testing.T) {
	d := monitor.NewDay(nil)
	_, more := d.After(0)
	for n := range 120 {
		c := monitor.Counters{Sessions: 7, Refreshes: 10}
		if n == 50 {
			c = monitor.Counters{Sessions: 90, Refreshes: 1210, CommitMedian: 3 * time.Millisecond}
		}
		d.Add(second(n, c))
	}
	if got := all(d); len(got) != 0 {
		t.Errorf("before the end of the step there are %v; want none", got)
	}
	d.Add(second(120, monitor.Counters{}))
	select {
	case <-more:
	default:
		t.Error("a sample was added, and the channel is open")
	}
	got := all(d)
	if len(got) != 1 || got[0].Seq != 120 || !got[0].At.Equal(noon.Add(119*time.Second)) {
		t.Fatalf("the samples are %v; want one, of the last second of the step", got)
	}
	for name, want := range map[string]float64{"sessions": 90, "refreshes": 20, "commit": 3} {
		if n := value(t, got[0], name); n != want {
			t.Errorf("%s = %v; want %v", name, n, want)
		}
	}
	if n := value(t, got[0], "flush"); !math.IsNaN(n) {
		t.Errorf("flush = %v; want none", n)
	}
}

// A day keeps 24 hours, also over a restart; the time without a server is a gap. A step that the
// stop has cut short counts.
func TestDay_Keeps(t *testing.T) {
	d := dayOf(monitor.NewDay(nil), 0, 300)
	d.End()
	d.End()
	if got := all(d); len(got) != 3 || got[2].Seq != 300 {
		t.Fatalf("after 300 s there are %d samples; want three", len(got))
	}
	now := noon.Add(time.Hour)
	kept, err := monitor.DecodeDay(d.Encode(), now)
	if err != nil || len(kept) != 3 || !reflect.DeepEqual(values(kept), values(all(d))) {
		t.Fatalf("DecodeDay = %v, %v; want what was encoded", kept, err)
	}
	d = dayOf(monitor.NewDay(kept), 3600, 3600+25*3600)
	got := all(d)
	if len(got) != monitor.DayKept || got[len(got)-1].At.Sub(got[0].At) != 24*time.Hour-monitor.DayStep {
		t.Errorf("25 hours later there are %d samples over %v; want 24 hours", len(got), got[len(got)-1].At.Sub(got[0].At))
	}
	late, err := monitor.DecodeDay(d.Encode(), now.Add(30*time.Hour))
	if err != nil || len(late) == 0 || len(late) >= len(got) {
		t.Errorf("hours later DecodeDay = %d samples, %v; want those of the last 24 hours", len(late), err)
	}
	if got, _ := d.After(got[700].Seq); len(got) != 19 {
		t.Errorf("After = %d samples; want the 19 that are newer", len(got))
	}
	if again, _ := d.After(got[719].Seq); len(again) != 0 {
		t.Errorf("After the newest = %d samples; want none", len(again))
	}
	if unknown, _ := d.After(1 << 40); len(unknown) != monitor.DayKept {
		t.Errorf("After a number of the future = %d samples; want all", len(unknown))
	}
}

// values are numbers, times and figures as text, for which NaN equals NaN.
func values(samples []monitor.Sample) (all []string) {
	for _, s := range samples {
		all = append(all, fmt.Sprint(s.Seq, s.At.UnixMilli(), s.Values))
	}
	return all
}

// A clock that is set back ends a step, and the samples stay in order, in numbers and in the file.
func TestDay_ClockSetBack(t *testing.T) {
	d := dayOf(monitor.NewDay(nil), 7200, 7500)
	for n := range 400 { // two hours earlier, with numbers of before
		s := second(n, monitor.Counters{Sessions: 8})
		d.Add(s)
	}
	d.End()
	got := all(d)
	for i := 1; i < len(got); i++ {
		if got[i].Seq <= got[i-1].Seq {
			t.Errorf("number %d follows %d", got[i].Seq, got[i-1].Seq)
		}
	}
	kept, err := monitor.DecodeDay(d.Encode(), noon.Add(400*time.Second))
	if err != nil || len(kept) != len(got) {
		t.Errorf("DecodeDay = %d samples, %v; want all %d", len(kept), err, len(got))
	}
}

// What cannot be used is refused, and nothing of it is taken.
func TestDecodeDay_Refuses(t *testing.T) {
	good := dayOf(monitor.NewDay(nil), 0, 600).Encode()
	now := noon.Add(time.Hour)
	if _, err := monitor.DecodeDay(good, now); err != nil {
		t.Fatalf("DecodeDay of what was encoded = %v", err)
	}
	for i := range good {
		bad := append([]byte(nil), good...)
		bad[i] ^= 1
		if got, err := monitor.DecodeDay(bad, now); err == nil {
			t.Fatalf("with another byte %d, DecodeDay = %v; want an error", i, got)
		}
	}
	for what, tc := range map[string]struct {
		content string
		now     time.Time
		want    error
	}{
		"nothing":    {"", now, monitor.ErrDayDamaged},
		"half of it": {string(good[:len(good)/2]), now, monitor.ErrDayDamaged},
		"another":    {"sessions", now, monitor.ErrDayDamaged},
		"a newer":    {strings.Replace(string(good), "dashboard 1 ", "dashboard 2 ", 1), now, monitor.ErrDayNewer},
		"the future": {string(good), noon.Add(-time.Hour), monitor.ErrDayFuture},
	} {
		if got, err := monitor.DecodeDay([]byte(tc.content), tc.now); !errors.Is(err, tc.want) || got != nil {
			t.Errorf("DecodeDay of %s = %v, %v; want %v", what, got, err, tc.want)
		}
	}
}

// What is decoded is in order and of the last day, and can be encoded and decoded again. Inputs get
// the checksum that they need, since no other one reaches the decoder.
func FuzzDecodeDay(f *testing.F) {
	_, body, _ := bytes.Cut(dayOf(monitor.NewDay(nil), 0, 300).Encode(), []byte("\n"))
	f.Add(body)
	for _, body := range []string{
		`{}`, `{"figures":["sessions"],"samples":[[1,1795348919,7],[2,1795348919.5,null]]}`,
		`{"figures":["memory"],"samples":[[1,1795348919,1e306]]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := monitor.DecodeDay(signed(body), noon)
		if err != nil || len(got) == 0 {
			return
		}
		for i, s := range got {
			if len(s.Values) != len(monitor.Figures) || noon.Sub(s.At) > 24*time.Hour || i > 0 && (s.Seq <= got[i-1].Seq || !s.At.After(got[i-1].At)) {
				t.Errorf("sample %d of %d is %+v", i, len(got), s)
			}
		}
		if again, err := monitor.DecodeDay(monitor.NewDay(got).Encode(), noon); err != nil || len(again) > len(got) {
			t.Errorf("%d samples become %d, %v", len(got), len(again), err)
		}
	})
}

// signed returns a body under the line that belongs to it.
func signed(body []byte) []byte {
	sum := crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli))
	return append(fmt.Appendf(nil, "pagesession dashboard 1 %08x\n", sum), body...)
}

var update = flag.Bool("update", false, "write the golden file")

// Each later version has to read testdata/format-1.day.
func TestDecodeDay_Golden(t *testing.T) {
	const path = "testdata/format-1.day"
	if *update {
		if err := os.WriteFile(path, dayOf(monitor.NewDay(nil), 0, 600).Encode(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := monitor.DecodeDay(content, noon.Add(time.Hour))
	if err != nil || len(got) != 4 || value(t, got[3], "sessions") != 7 || value(t, got[3], "refreshes") != 100 {
		t.Errorf("DecodeDay of %s = %v, %v; want four samples of 7 sessions and 100 refreshes", path, got, err)
	}
}

// The monitor gives each second to its day.
func TestMonitor_Day(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := new(monitor.Day)
		m := monitor.Start(steady(100), nil, d)
		defer m.Close()
		time.Sleep(5 * time.Minute)
		got := all(d)
		if len(got) != 2 || value(t, got[1], "refreshes") != 100 {
			t.Errorf("after five minutes there are %v; want two samples of 100 refreshes a second", got)
		}
	})
}

// BenchmarkDay_Encode measures what the file costs each two minutes, with numbers of a busy server.
func BenchmarkDay_Encode(b *testing.B) {
	d := new(monitor.Day)
	for n := range 24 * 3600 {
		d.Add(second(n, monitor.Counters{
			Sessions: 123_456, FileBytes: 98_765_432, Refreshes: 12_345, Creations: 321, Idle: 210, Deleted: 99, CommitMedian: 1234 * time.Microsecond, Commit99: 12_345 * time.Microsecond,
			FlushMedian: 4321 * time.Microsecond, Flush99: 23_456 * time.Microsecond, Queued: 12, Memory: 345_678_901, Goroutines: 321,
		}))
	}
	b.ReportAllocs()
	for b.Loop() {
		b.ReportMetric(float64(len(d.Encode())), "file-bytes")
	}
}
