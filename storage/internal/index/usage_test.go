package index

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"pagesession/internal/testkit"
	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// What the index says that it takes is what the heap grows by.
func TestUsage(t *testing.T) {
	if slotBytes != unsafe.Sizeof(Slot{}) || bodyBytes != unsafe.Sizeof(Body{}) || touchBytes != unsafe.Sizeof(entry.Touch{}) {
		t.Errorf("a slot has %d bytes, a body %d, a touch %d", unsafe.Sizeof(Slot{}), unsafe.Sizeof(Body{}), unsafe.Sizeof(entry.Touch{}))
	}
	const n = 40_000
	key := func(what string, i int) record.Key { return record.KeyOf(fmt.Sprint(what, i)) }
	restore := func(x *Index, i int, length int, subject string) {
		x.Restore(&entry.Entry{Key: key("live", i), Seq: uint64(i), Value: strings.Repeat("v", length), Subject: subject, Life: entry.Life{Idle: 1000}}, NoFlush)
	}
	for name, fill := range map[string]func(*Index){
		"short values": func(x *Index) {
			for i := range n {
				restore(x, i, 60, "")
			}
		},
		"long values": func(x *Index) {
			for i := range n {
				restore(x, i, 700, "")
			}
		},
		"many subjects": func(x *Index) {
			for i := range n {
				restore(x, i, 60, fmt.Sprint("subject", i))
			}
		},
		"one subject": func(x *Index) {
			for i := range n {
				restore(x, i, 60, "subject")
			}
		},
		"ended": func(x *Index) {
			for i := range n {
				x.Remember(entry.End{Key: key("ended", i), Tombstone: entry.Tombstone{At: 1}})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := New(1<<20, clock.NewTimeline(testkit.NewClock(), nil))
			empty, was := x.Usage(), heapBytes()
			fill(x)
			grown, says := float64(heapBytes()-was), x.Usage()
			total := func(u Usage) float64 { return float64(u.Table + u.Values + u.Ended + u.Subjects + u.Touches) }
			if ratio := (total(says) - total(empty)) / grown; ratio < 0.8 || ratio > 1.25 {
				t.Errorf("the heap has grown by %.0f bytes; %+v is %.2f of that", grown, says, ratio)
			} else {
				t.Logf("%.2f of %.0f bytes", ratio, grown)
			}
			runtime.KeepAlive(x)
		})
	}
}

func heapBytes() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
