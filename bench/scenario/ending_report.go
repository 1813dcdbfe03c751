package scenario

import (
	"strings"

	"pagesession/bench/report"
)

// endingAdded is how much longer the p99.9 of visitors may be while sessions end, in ms.
const endingAdded = 50.0

// Figures that only this scenario has.
const (
	endingSeconds = "ending_seconds"
	endsPerSecond = "ends_per_second"
	addedP999     = "p999_added_ms"
	lagP999       = "client_lag_p999_ms"
)

func showEnding(o *Options, r *report.Report) {
	r.About.Add("%d live sessions end by one search in the console; %d visits/s (open loop, own client, %d connections) to %d others, %s before and after; rounds %d, each on a fresh server, medians (min..max)",
		o.Sessions, o.Rate, o.Connections, o.Visited, o.Duration, o.Rounds)
	table := func(title string, columns ...report.Column) report.Table {
		return report.Table{Title: title, Measure: measureEnding, Subject: "phase", Columns: columns}
	}
	waits := append(report.Latencies(), report.Column{Title: "longest ms", Figure: report.MaxMS, Digits: 2},
		report.Column{Title: "client lag p99.9 ms", Figure: lagP999, Digits: 2}, report.Column{Title: "waited %", Figure: report.Waited, Digits: 2})
	r.Tables = []report.Table{
		table("what visitors wait", append(waits, report.Verdicts()[:3]...)...),
		table("the end of the others", report.Column{Title: "seconds", Figure: endingSeconds, Digits: 1}, report.Column{Title: "ends/s", Figure: endsPerSecond},
			report.Column{Title: "p99.9 longer by ms", Figure: addedP999, Digits: 2}, report.Column{Title: "server % of a core", Figure: cpuPercent},
			report.Column{Title: "memory MiB", Figure: report.Memory, Digits: 1, Unit: report.MiB}, report.Column{Title: "file MiB", Figure: report.File, Digits: 1, Unit: report.MiB}),
	}
}

// compareEnding adds how much longer the p99.9 is than the mean of those before and after.
func compareEnding(before, during, after report.Figures) {
	a, ok1 := before[report.P999]
	b, ok2 := after[report.P999]
	if with, ok := during[report.P999]; ok && ok1 && ok2 {
		during[addedP999] = with - (a+b)/2
	}
}

// blame judges what is live after a round. page is the console's, which says how it went.
func (r *endingRun) blame(page string, revived int) {
	r.Report.Blame(!strings.Contains(page, "All that matched have ended."), "round %d: the console does not say that all sessions have ended", r.round)
	r.Report.Blame(r.live != r.Visited, "round %d: %d sessions are live afterwards; want the visitors' %d", r.round, r.live, r.Visited)
	r.Report.Blame(revived > 0, "round %d: %d of %d ended sessions are not known as ended", r.round, revived, len(r.gone))
	r.Report.Blame(len(r.gone) == 0, "round %d: no ended session was asked for", r.round)
}

// judgeEnding compares the median of all rounds with the limit.
func (b *Bench) judgeEnding() {
	b.summarize()
	for _, s := range b.Report.Summaries {
		openNotes(b.Report, s)
	}
	s, _ := b.Report.Find(measureEnding, endingDuring)
	added, ok := s.Spreads[addedP999]
	if !ok {
		b.Report.Blame(true, "no round has visits before, during and after the end")
		return
	}
	b.Report.Blame(added.Median > endingAdded && !b.NoFloors, "while sessions end the p99.9 of visitors is %.1f ms longer; want at most %g ms", added.Median, endingAdded)
	b.Report.Facts.Add("while %s sessions end the p99.9 of visitors is %.2f (%.2f..%.2f) ms longer than before and after; the limit is %g ms",
		report.Number(float64(b.Sessions)), added.Median, added.Min, added.Max, endingAdded)
}
