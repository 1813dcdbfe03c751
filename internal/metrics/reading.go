package metrics

import (
	"time"

	"pagesession/internal/account"
	"pagesession/internal/backup"
	"pagesession/internal/limit"
	"pagesession/internal/monitor"
	"pagesession/internal/server"
	"pagesession/storage"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// A Reading is what a scrape reads of the server.
type Reading struct {
	Started time.Time // wall clock
	Ready   bool      // load balancers should send visitors

	Live      int64          // visitors' sessions
	Operators int64          // operators' sessions in the file
	File      *storage.Stats // of visitors' sessions in the file; nil if none were there since the start
	Redis     *redis.Stats   // the same on Redis; there are both after a move

	Server  server.Stats
	Refused limit.Refused
	SignIns account.SignIns
	Uses    []Use
	Memory  []monitor.MemoryUse
	Parts   []Part

	AccessDropped, LinesDropped uint64 // lines of the log: for a full queue, for a slow reader

	DiskFree, DiskSize int64 // bytes of the data folder's file system; DiskSize 0: unknown
	Servers            int   // that share the sessions on Redis, this one too
	Notices            int   // about differences among them

	Backups backup.State
}

// A Use is how much of a limit is in use. Most 0 means that there is no limit.
type Use struct {
	Of         string // one of Limits
	Used, Most int
}

// Limits are the values of the label limit.
var Limits = []string{"sessions", "client_sessions", "connections", "client_connections", "streams", "client_streams"}

// A Part is a part of the server and its state.
type Part struct {
	Name  string // one of Parts
	State string // one of States
}

// Parts are the values of the label part.
var Parts = []string{"visitors", "operators", "accounts"}

// States are the values of the label state.
var States = []string{"ok", "slow", "full", "detached", "unavailable"}

// A Histogram has how often each class of durations came, with those below it; bounds in seconds.
type Histogram struct {
	Count   uint64
	Sum     float64
	Buckets map[float64]uint64
}

// The doublings of record.Latencies that a histogram has: from 60 µs to 16 s.
const firstDoubling, lastDoubling = 4, 22

// histogramOf returns the histogram of durations whose sum is total.
func histogramOf(l record.Latencies, total time.Duration) Histogram {
	h := Histogram{Count: l.Count(), Sum: total.Seconds(), Buckets: map[float64]uint64{}}
	for n := firstDoubling; n <= lastDoubling; n++ {
		below, count := l.Doubling(n)
		h.Buckets[below.Seconds()] = count
	}
	return h
}
