package main

import "fmt"

// scaleFloorSizes are the sizes for which the floor is meant: with less
// between them it is reached by anybody.
var scaleFloorSizes = [2]int{1_000, 1_000_000}

// A scaleReport is what `go run ./bench scale` found.
type scaleReport struct {
	heading
	Client      string         `json:"client"`
	Rounds      int            `json:"rounds"`
	Seconds     float64        `json:"seconds"`
	Connections int            `json:"connections"`
	Threads     int            `json:"threads"`
	Seed        uint64         `json:"seed"`
	Entries     int            `json:"list_entries"` // of the client's list, at every size
	Sizes       []scaleSummary `json:"sizes"`
	Ratio       *scaleRatio    `json:"ratio,omitempty"`
	NoFloors    bool           `json:"no_floors,omitempty"`
	Runs        []scaleRun     `json:"runs"`
}

// A scaleSummary is one size's medians. Spreads are nil without a value.
type scaleSummary struct {
	Sessions  int     `json:"sessions"`
	Rate      *spread `json:"requests_per_second"`
	P99       *spread `json:"p99_ms"`
	CPU       *spread `json:"cpu_us"`
	First     *spread `json:"first_visit_requests_per_second"`
	StartRSS  *spread `json:"start_rss"`
	RSS       *spread `json:"rss"`
	File      *spread `json:"file"`
	Written   *spread `json:"written_bytes_per_touch"`
	Start     *spread `json:"start_ms"`
	KillStart *spread `json:"kill_start_ms"`
	Stop      *spread `json:"stop_ms"`
}

// A scaleRatio is the rate at the largest size by that at the smallest.
type scaleRatio struct {
	Largest  int     `json:"largest"`
	Smallest int     `json:"smallest"`
	Equal    float64 `json:"equal_client_work"`
	Plain    float64 `json:"plain_list"` // 0: not measured
	CPU      float64 `json:"cpu"`        // CPU a request, largest by smallest; 0: not measured
	Floor    float64 `json:"floor"`      // 0: the sizes are not those of the floor
}

func newScaleReport(h heading, opt scaleOptions, client string, runs []scaleRun) scaleReport {
	r := scaleReport{
		heading: h, Client: client, Rounds: opt.rounds, Seconds: opt.duration.Seconds(),
		Connections: opt.connections, Threads: opt.threads, Seed: opt.seed,
		Entries: opt.largest(), NoFloors: opt.noFloors, Runs: runs,
	}
	for _, size := range opt.sizes {
		r.Sizes = append(r.Sizes, summarizeScale(size, runs))
	}
	r.Ratio = scaleRatioOf(r.Sizes, runs)
	return r
}

// summarizeScale takes the runs of that size.
func summarizeScale(size int, runs []scaleRun) scaleSummary {
	of := func(figure func(scaleRun) float64) *spread {
		var values []float64
		for _, r := range runs {
			if v := figure(r); r.Sessions == size && v > 0 {
				values = append(values, v)
			}
		}
		return spreadOrNil(values)
	}
	return scaleSummary{
		Sessions: size,
		Rate:     of(func(r scaleRun) float64 { return r.Load.rate() }),
		P99:      of(func(r scaleRun) float64 { return r.Load.p99() }),
		CPU:      of(func(r scaleRun) float64 { return r.CPUMicros }),
		First:    of(func(r scaleRun) float64 { return r.First.rate() }),
		StartRSS: of(func(r scaleRun) float64 { return float64(r.StartRSS) }),
		RSS:      of(func(r scaleRun) float64 { return float64(r.RSS) }),
		File:     of(func(r scaleRun) float64 { return float64(r.File) }),
		Written:  of(func(r scaleRun) float64 { return r.Written }),

		Start:     of(func(r scaleRun) float64 { return r.StartMS }),
		KillStart: of(func(r scaleRun) float64 { return r.KillStartMS }),
		Stop:      of(func(r scaleRun) float64 { return r.StopMS }),
	}
}

// scaleRatioOf compares the last size with the first; nil where there is
// nothing to compare.
func scaleRatioOf(sizes []scaleSummary, runs []scaleRun) *scaleRatio {
	small, large := sizes[0], sizes[len(sizes)-1]
	if len(sizes) < 2 || small.Rate == nil || large.Rate == nil {
		return nil
	}
	r := &scaleRatio{Largest: large.Sessions, Smallest: small.Sessions}
	r.Equal, _ = ratio(large.Rate.Median, small.Rate.Median)
	var plain []float64
	for _, run := range runs {
		if run.Plain != nil {
			plain = append(plain, run.Plain.rate())
		}
	}
	r.Plain, _ = ratio(large.Rate.Median, median(plain))
	if small.CPU != nil && large.CPU != nil {
		r.CPU, _ = ratio(large.CPU.Median, small.CPU.Median)
	}
	if small.Sessions <= scaleFloorSizes[0] && large.Sessions >= scaleFloorSizes[1] {
		r.Floor = floorsOf(false, scaleMeasure)[0].limit
	}
	return r
}

func (r scaleReport) complaints() []string {
	var list []string
	for _, run := range r.Runs {
		loads := map[string]*result{"first visits": &run.First, "load": &run.Load, "plain load": run.Plain, "visits after the kill": &run.After}
		for _, name := range []string{"first visits", "load", "plain load", "visits after the kill"} {
			if got := loads[name]; got != nil && !got.flawless() {
				list = append(list, fmt.Sprintf("%d sessions, round %d, %s: %s", run.Sessions, run.Round, name, got.counts()))
			}
		}
	}
	if x := r.Ratio; x != nil && x.Equal < x.Floor && !r.NoFloors {
		list = append(list, fmt.Sprintf("%d sessions are %.2f times as fast as %d, floor %g", x.Largest, x.Equal, x.Smallest, x.Floor))
	}
	return list
}
