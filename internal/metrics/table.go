package metrics

import (
	"slices"

	"pagesession/internal/account"
	"pagesession/internal/limit"
	"pagesession/internal/monitor"
)

// Table returns all metrics in the order of docs/METRICS.md. requests may be nil for a table
// that is not read.
func Table(requests *Requests) []Metric {
	return slices.Concat(serverMetrics(), sessionMetrics(), fileMetrics(), redisMetrics(), requestMetrics(requests), limitMetrics(), signInMetrics(), backupMetrics())
}

func serverMetrics() []Metric {
	return []Metric{{
		Name: "start_time_seconds", Kind: GaugeKind, Unit: "seconds", Help: "when this server started, as a Unix time",
		values: one(func(r *Reading) float64 { return float64(r.Started.UnixNano()) / 1e9 }),
	}, {
		Name: "ready", Kind: GaugeKind, Help: "1 while /readyz says that load balancers may send visitors; 0 during the start and the stop",
		values: one(func(r *Reading) float64 { return yes(r.Ready) }),
	}, {
		Name: "state", Kind: GaugeKind, Help: "1 for the state that a part is in, 0 for the others; visitors and operators are their sessions",
		Labels: []Label{{"part", Parts}, {"state", States}},
		values: func(r *Reading, put func(float64, ...string)) {
			for _, p := range r.Parts {
				for _, s := range States {
					put(yes(p.State == s), p.Name, s)
				}
			}
		},
	}, {
		Name: "memory_bytes", Kind: GaugeKind, Unit: "bytes",
		Help:   "memory that the process takes from the system, by kind: the index of sessions, their values, what is remembered of ended sessions, subjects of sessions, what waits for the session file; other objects and garbage; free memory of the heap; stacks and Go's runtime",
		Labels: []Label{{"kind", monitor.MemoryKinds}},
		values: func(r *Reading, put func(float64, ...string)) {
			for _, u := range r.Memory {
				put(float64(u.Bytes), u.Kind)
			}
		},
	}, {
		Name: "disk_free_bytes", Kind: GaugeKind, Unit: "bytes", Help: "what the file system of the data folder has left for the server's user",
		values: func(r *Reading, put func(float64, ...string)) {
			if r.DiskSize > 0 {
				put(float64(r.DiskFree))
			}
		},
	}, {
		Name: "disk_size_bytes", Kind: GaugeKind, Unit: "bytes", Help: "the size of that file system",
		values: func(r *Reading, put func(float64, ...string)) {
			if r.DiskSize > 0 {
				put(float64(r.DiskSize))
			}
		},
	}, {
		Name: "log_lines_dropped_total", Kind: CounterKind, Help: "lines of the log that were lost; access_queue: of the access log, because its queue was full; reader: any, because the reader of stderr did not take them",
		Labels: []Label{{"cause", []string{"access_queue", "reader"}}},
		values: func(r *Reading, put func(float64, ...string)) {
			put(float64(r.AccessDropped), "access_queue")
			put(float64(r.LinesDropped), "reader")
		},
	}}
}

func requestMetrics(requests *Requests) []Metric {
	route := Label{"route", Routes[:]}
	return []Metric{{
		Name: "http_requests_total", Kind: CounterKind, Help: "answers by route and class of status; addresses that do not exist and requests that cannot be read count as other",
		Labels: []Label{route, {"class", classes[:]}},
		values: func(_ *Reading, put func(float64, ...string)) {
			for i, name := range Routes {
				for class, label := range classes {
					put(float64(requests.answers(i, class)), name, label)
				}
			}
		},
	}, {
		Name: "http_request_duration_seconds", Kind: HistogramKind, Unit: "seconds",
		Help:   "from the end of reading a request until its answer is ready to send; for a stream until it begins",
		Labels: []Label{route},
		histograms: func(_ *Reading, put func(Histogram, ...string)) {
			for i, name := range Routes {
				put(requests.durations(i), name)
			}
		},
	}}
}

func limitMetrics() []Metric {
	return []Metric{{
		Name: "limit", Kind: GaugeKind, Help: "the limit; client_ limits count for each network. Limits that are off are missing",
		Labels: []Label{{"limit", Limits}},
		values: func(r *Reading, put func(float64, ...string)) {
			for _, u := range r.Uses {
				if u.Most > 0 {
					put(float64(u.Most), u.Of)
				}
			}
		},
	}, {
		Name: "limit_used", Kind: GaugeKind, Help: "how much of each limit is used; of client_ limits by the network that uses most",
		Labels: []Label{{"limit", Limits}},
		values: func(r *Reading, put func(float64, ...string)) {
			for _, u := range r.Uses {
				put(float64(u.Used), u.Of)
			}
		},
	}, {
		Name: "refusals_total", Kind: CounterKind, Help: "what was refused because of a limit; sessions: creations beyond --max-sessions, which Redis lacks; client_rate is the rate of new sessions of one network",
		Labels: []Label{{"limit", refusals}},
		values: func(r *Reading, put func(float64, ...string)) {
			if r.File != nil {
				put(float64(r.File.Refused), refusals[0])
			}
			for i, n := range refusedOf(r.Refused, r) {
				put(float64(n), refusals[i+1])
			}
		},
	}}
}

// refusals are the values of the label limit of refusals: that of the file, and then those in
// the order of refusedOf.
var refusals = []string{"sessions", "client_rate", "client_sessions", "connections", "client_connections", "streams", "client_streams"}

func refusedOf(l limit.Refused, r *Reading) []uint64 {
	s := r.Server
	return []uint64{l.Rate, l.Sessions, s.Refused, s.RefusedOfNetwork, s.StreamsRefused, s.StreamsRefusedOfNetwork}
}

func signInMetrics() []Metric {
	return []Metric{{
		Name: "sign_ins_total", Kind: CounterKind,
		Help:   "sign-ins of operators by outcome; asked: the password was right, and a second factor has to follow",
		Labels: []Label{{"outcome", account.SignInOutcomes[:]}},
		values: func(r *Reading, put func(float64, ...string)) {
			for i, n := range r.SignIns {
				put(float64(n), account.SignInOutcomes[i])
			}
		},
	}}
}
