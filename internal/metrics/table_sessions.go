package metrics

import (
	"pagesession/storage"
	"pagesession/storage/redis"
)

// sessionMetrics are about visitors' sessions, wherever they are.
func sessionMetrics() []Metric {
	return []Metric{{
		Name: "sessions_live", Kind: GaugeKind, Help: "visitors' sessions; on Redis those of all servers, counted each 5 s",
		values: one(func(r *Reading) float64 { return float64(r.Live) }),
	}, {
		Name: "sessions_created_total", Kind: CounterKind, Help: "new sessions, by this server",
		values: sumOf(func(f *storage.Stats) uint64 { return f.Creations }, func(s *redis.Stats) uint64 { return s.Creations }),
	}, {
		Name: "sessions_extended_total", Kind: CounterKind, Help: "visits that extended a session, by this server",
		values: sumOf(func(f *storage.Stats) uint64 { return f.Refreshes }, func(s *redis.Stats) uint64 { return s.Refreshes }),
	}, {
		Name: "sessions_ended_total", Kind: CounterKind,
		Help:   "ended sessions by reason: idle and absolute are timeouts in the file, timed_out is either of them on Redis; revoked by an operator; replaced by a session with another id",
		Labels: []Label{{"reason", []string{"idle", "absolute", "timed_out", "deleted", "revoked", "replaced"}}},
		values: putEnds,
	}, {
		Name: "operator_sessions_live", Kind: GaugeKind, Of: onFile, Help: "operators' sessions in the file of this server",
		values: one(func(r *Reading) float64 { return float64(r.Operators) }),
	}}
}

// putEnds adds up what both have: sessions may have moved since the start.
func putEnds(r *Reading, put func(float64, ...string)) {
	var deleted, revoked, replaced uint64
	if f := r.File; f != nil {
		put(float64(f.Ends.Idle), "idle")
		put(float64(f.Ends.Absolute), "absolute")
		deleted, revoked, replaced = f.Ends.Deleted, f.Ends.Revoked, f.Ends.Replaced
	}
	if s := r.Redis; s != nil {
		put(float64(s.TimedOut), "timed_out")
		deleted, revoked, replaced = deleted+s.Deleted, revoked+s.Revoked, replaced+s.Replaced
	}
	put(float64(deleted), "deleted")
	put(float64(revoked), "revoked")
	put(float64(replaced), "replaced")
}

// sumOf adds up what both stores have counted since the start.
func sumOf(file func(*storage.Stats) uint64, server func(*redis.Stats) uint64) func(*Reading, func(float64, ...string)) {
	return one(func(r *Reading) float64 {
		n := uint64(0)
		if r.File != nil {
			n += file(r.File)
		}
		if r.Redis != nil {
			n += server(r.Redis)
		}
		return float64(n)
	})
}

func fileMetrics() []Metric {
	return []Metric{{
		Name: "session_file_bytes", Kind: GaugeKind, Unit: "bytes", Of: onFile, Help: "size of the session file",
		values: one(func(r *Reading) float64 { return float64(r.File.FileBytes) }),
	}, {
		Name: "session_values_bytes", Kind: GaugeKind, Unit: "bytes", Of: onFile, Help: "what visitors' sessions hold",
		values: one(func(r *Reading) float64 { return float64(r.File.ValueBytes) }),
	}, {
		Name: "queue_length", Kind: GaugeKind, Of: onFile, Help: "creations, changes and ends that wait for the disk; of at most 8,192",
		values: one(func(r *Reading) float64 { return float64(r.File.Queued) }),
	}, {
		Name: "changes_total", Kind: CounterKind, Of: onFile, Help: "creations, changes and ends that became durable; divided by the count of commits, the size of a commit",
		values: one(func(r *Reading) float64 { return float64(r.File.Changes) }),
	}, {
		Name: "touches_total", Kind: CounterKind, Of: onFile, Help: "last uses that were written; divided by the count of flushes, the size of a flush",
		values: one(func(r *Reading) float64 { return float64(r.File.Touches) }),
	}, {
		Name: "commit_bytes_total", Kind: CounterKind, Unit: "bytes", Of: onFile, Help: "of the pages that commits wrote; divided by the count of commits, the size of a commit in bytes",
		values: one(func(r *Reading) float64 { return float64(r.File.CommitBytes) }),
	}, {
		Name: "commit_duration_seconds", Kind: HistogramKind, Unit: "seconds", Of: onFile, Help: "transactions, each with its fsync; flushes are among them",
		histograms: func(r *Reading, put func(Histogram, ...string)) {
			put(histogramOf(r.File.CommitTime, r.File.CommitTotal))
		},
	}, {
		Name: "flush_duration_seconds", Kind: HistogramKind, Unit: "seconds", Of: onFile, Help: "transactions that wrote last uses, at most one each 200 ms",
		histograms: func(r *Reading, put func(Histogram, ...string)) {
			put(histogramOf(r.File.FlushTime, r.File.FlushTotal))
		},
	}, {
		Name: "commit_longest_seconds", Kind: GaugeKind, Unit: "seconds", Of: onFile, Help: "the longest transaction since the start",
		values: one(func(r *Reading) float64 { return r.File.MaxCommit.Seconds() }),
	}}
}

func redisMetrics() []Metric {
	return []Metric{{
		Name: "redis_call_duration_seconds", Kind: HistogramKind, Unit: "seconds", Of: onRedis, Help: "calls to Redis for visitors' sessions, with their retries",
		histograms: func(r *Reading, put func(Histogram, ...string)) { put(histogramOf(r.Redis.Calls, r.Redis.CallTotal)) },
	}, {
		Name: "redis_retries_total", Kind: CounterKind, Of: onRedis, Help: "commands that were sent again after a lost connection",
		values: one(func(r *Reading) float64 { return float64(r.Redis.Retries) }),
	}, {
		Name: "servers", Kind: GaugeKind, Of: onRedis, Help: "servers that share the sessions, as this one sees them; 1 while Redis is away",
		values: one(func(r *Reading) float64 { return float64(r.Servers) }),
	}, {
		Name: "servers_notices", Kind: GaugeKind, Of: onRedis, Help: "differences that the servers should not have; the dashboard lists them",
		values: one(func(r *Reading) float64 { return float64(r.Notices) }),
	}}
}
