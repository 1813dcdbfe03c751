package scenario

import (
	"fmt"
	"slices"

	"pagesession/bench/report"
)

// redisFloors returns the floors that README.md explains. Those on processor time leave the
// client out, and hardly change beside other work.
func redisFloors() []report.Floor {
	return []report.Floor{
		{What: "refresh on Redis", Measure: everySecond, Figure: report.Rate, Subject: "fiber", Limit: 2, Generous: 1.2},
		{What: "CPU of a refresh on Redis", Measure: everySecond, Figure: allCPU, Subject: "fiber", AtMost: true, Limit: 0.4, Generous: 0.75},
	}
}

func showRedis(o *Options, r *report.Report) {
	r.About.Add("client %s, threads %d, rounds %d of %s, medians (min..max), sessions %d, seed %d", o.Client, o.Threads, o.Rounds, o.Duration, o.Sessions, o.Seed)
	columns := slices.Concat([]report.Column{{Title: "requests/s", Figure: report.Rate}}, report.Latencies(), report.Verdicts(), []report.Column{
		{Title: "CPU us", Figure: report.CPU, Digits: 1}, {Title: "Redis's CPU us", Figure: redisCPU, Digits: 1},
		{Title: "body bytes", Text: func(s report.Summary) string { return fmt.Sprintf("%.0f", s.Spreads[report.Size].Max) }},
		{Title: "ours/peer", Ratio: report.Rate}, {Title: "both CPUs ours/peer", Ratio: allCPU},
	})
	for _, measure := range o.Appendfsync {
		title := fmt.Sprintf("GET /get/, %d connections, Redis with appendonly yes, appendfsync %s", o.Connections, measure)
		r.Tables = append(r.Tables, report.Table{Title: title, Measure: measure, Subject: "peer", Columns: columns})
	}
	r.Tables = append(r.Tables, failoverTable())
}
