package scenario

import (
	"fmt"

	"pagesession/bench/report"
)

func showScale(o *Options, r *report.Report) {
	r.About.Add("client %s, threads %d, %d connections, rounds %d of %s, medians (min..max), seed %d, the client walks a list of %d entries",
		o.Client, o.Threads, o.Connections, o.Rounds, o.Duration, o.Seed, o.largest())
	table := func(title string, columns ...report.Column) report.Table {
		return report.Table{Title: title, Measure: measureScale, Subject: "live sessions", Columns: columns}
	}
	r.Tables = []report.Table{
		table("refreshes as fast as the server can",
			report.Column{Title: "GET /get/ requests/s", Figure: report.Rate}, report.Column{Title: "server CPU us/request", Figure: report.CPU, Digits: 1},
			report.Column{Title: "first requests/s (own client)", Figure: firstRate}),
		table("what visitors wait, at half of that (open loop)",
			report.Column{Title: "requests/s", Figure: report.Asked}, report.Column{Title: "p50 ms", Figure: report.P50, Digits: 2},
			report.Column{Title: "p99 ms", Figure: report.P99, Digits: 2}, report.Column{Title: "client lag p99 ms", Figure: report.LagP99, Digits: 2}),
		table("memory and file",
			report.Column{Title: "MiB after start", Figure: startMemory, Digits: 1, Unit: report.MiB},
			report.Column{Title: "MiB under load", Figure: report.Memory, Digits: 1, Unit: report.MiB},
			report.Column{Title: "file MiB", Figure: report.File, Digits: 2, Unit: report.MiB},
			report.Column{Title: "bytes written/request", Figure: written, Digits: 1}),
		table("start and stop",
			report.Column{Title: "the file is read first in ms", Figure: readMS}, report.Column{Title: "ready after a stop ms", Figure: startMS},
			report.Column{Title: "ready after kill -9 ms", Figure: killStartMS},
			report.Column{Title: "SIGTERM to gone ms", Figure: stopMS},
			report.Column{Title: "the same during a start ms", Figure: stopStartMS}),
	}
	chart := func(file, title, yTitle string, lines ...report.Line) report.Chart {
		return report.Chart{
			File: file, Title: title, Subtitle: fmt.Sprintf("medians of %d rounds", o.Rounds),
			Measure: measureScale, XTitle: "live sessions", YTitles: []string{yTitle}, Lines: lines,
		}
	}
	rate := chart("scale-rate.svg", "Session refresh by live sessions", "requests/s",
		report.Line{Name: "requests/s", Figure: report.Rate}, report.Line{Name: "CPU a request (right)", Figure: report.CPU, Right: true})
	rate.YTitles = append(rate.YTitles, "server CPU, us/request")
	r.Charts = []report.Chart{
		rate,
		chart("scale-size.svg", "Memory and file by live sessions", "MiB",
			report.Line{Name: "memory under load", Figure: report.Memory, Unit: report.MiB},
			report.Line{Name: "memory after start", Figure: startMemory, Unit: report.MiB},
			report.Line{Name: "file", Figure: report.File, Unit: report.MiB}),
		chart("scale-start.svg", "Start and stop by live sessions", "ms",
			report.Line{Name: "ready after a stop", Figure: startMS}, report.Line{Name: "ready after kill -9", Figure: killStartMS},
			report.Line{Name: "SIGTERM to gone", Figure: stopMS}),
	}
}

// The floors are judged for these sizes.
const (
	floorSmallest = 1_000
	floorLargest  = 1_000_000
)

// With manySessions or more, a start takes at most longestStartMS, and ends at most
// longestStopMS after SIGTERM.
const (
	manySessions      = 10_000_000
	longestStartMS    = 18_000
	longestStopMS     = 1_000
	goodStartMS       = 1_500 // wanted with a million where nothing else runs
	goodStartSessions = 1_000_000
)

// judge compares the largest size with the smallest.
func (r *scaleRun) judge() {
	r.summarize()
	for _, s := range r.Report.Summaries {
		openNotes(r.Report, s)
	}
	small, _ := r.Report.Find(measureScale, report.Number(float64(r.smallest())))
	large, _ := r.Report.Find(measureScale, report.Number(float64(r.largest())))
	r.judgeStart(large)
	if len(r.Sizes) < 2 {
		return
	}
	equal, ok := r.ratio(report.Rate)
	if !ok {
		r.Report.Blame(true, "a round has no rate for a size, so the sizes are not compared")
		return
	}
	judged := r.smallest() <= floorSmallest && r.largest() >= floorLargest
	r.Report.Compare(measureScale, report.Rate, small.Subject, equal, judged)
	r.Report.Facts.Add("with %s sessions the rate is %.2f times that with %s (median of the rounds)", large.Subject, equal, small.Subject)
	if cpu, measured := r.ratio(report.CPU); measured {
		r.Report.Compare(measureScale, report.CPU, small.Subject, cpu, judged)
		r.Report.Facts.Add("with %s sessions a request takes %.2f times the CPU of one with %s (median of the rounds)", large.Subject, cpu, small.Subject)
	}
	first := small.Median(report.Memory)
	r.Report.Facts.Add("%.0f bytes of memory for each session above the first %s", (large.Median(report.Memory)-first)/float64(r.largest()-r.smallest()), small.Subject)
}

// ratio returns the median of the rounds' ratios of a figure, the largest size's to the
// smallest's; ok is false if a round has none. A round measures the two one after the other, so
// its ratio depends little on the speed of the machine, which changes from round to round.
func (r *scaleRun) ratio(figure string) (median float64, ok bool) {
	small, ratios := map[int]float64{}, []float64(nil)
	for _, m := range r.Report.Measurements {
		if m.Subject == report.Number(float64(r.smallest())) {
			small[m.Round] = m.Figures[figure]
		}
	}
	for _, m := range r.Report.Measurements {
		if m.Subject != report.Number(float64(r.largest())) {
			continue
		}
		one, measured := report.Ratio(m.Figures[figure], small[m.Round])
		if !measured {
			return 0, false
		}
		ratios = append(ratios, one)
	}
	return report.Median(ratios), len(ratios) > 0
}

// judgeStart judges how long a start of the largest size takes, and how soon it can be stopped.
func (r *scaleRun) judgeStart(large report.Summary) {
	start, stop := large.Median(startMS), large.Median(stopStartMS)
	if r.largest() >= manySessions {
		r.Report.Blame(start > longestStartMS, "a start with %s sessions took %.0f ms; want at most %d", large.Subject, start, longestStartMS)
		r.Report.Blame(stop > longestStopMS, "a start with %s sessions ended %.0f ms after SIGTERM; want at most %d", large.Subject, stop, longestStopMS)
	}
	if r.largest() == goodStartSessions {
		r.Report.Facts.Add("a start with %s sessions takes %.0f ms; %d are wanted on a quiet machine", large.Subject, start, goodStartMS)
	}
}
