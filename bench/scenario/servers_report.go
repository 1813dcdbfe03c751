package scenario

import (
	"fmt"

	"pagesession/bench/report"
)

// serversFloors returns the floors that README.md explains.
func serversFloors() []report.Floor {
	floor := report.Floor{What: "CPU of a refresh on each of three servers", Measure: measureEqual, Figure: report.CPU, AtMost: true, Limit: 1.1}
	alone, apartFloor := floor, floor
	alone.Subject, apartFloor.Subject = "1", apart
	return []report.Floor{alone, apartFloor}
}

// judge compares each of the three servers with one alone and with those apart, by medians:
// the largest counts. The largest of each round would be too large by the noise of three.
func (r *serversRun) judge() {
	r.summarize()
	worst := 0.0
	for i, rounds := range r.each["3"] {
		median := report.Median(rounds)
		worst = max(worst, median)
		r.Report.Facts.Add("server %d of three: %.1f us a refresh; of three apart %.1f us", i+1, median, report.Median(r.each[apart][i]))
	}
	judged := r.inTime()
	for _, subject := range []string{"1", apart} {
		other, _ := r.Report.Find(measureEqual, subject)
		if ratio, ok := report.Ratio(worst, other.Median(report.CPU)); ok {
			r.Report.Compare(measureEqual, report.CPU, subject, ratio, judged)
		}
	}
	for _, s := range r.Report.Summaries {
		r.Report.Blame(!s.Flawless(), "%s, %s servers: %s", s.Measure, s.Subject, s.Counts)
	}
}

// inTime reports whether all rates were reached. Otherwise the servers had different loads, a
// note says so, and the floor is not judged.
func (r *serversRun) inTime() bool {
	for _, subject := range []string{"1", "2", "3", apart} {
		s, _ := r.Report.Find(measureEqual, subject)
		if got, want := s.Median(report.Rate), s.Median(report.Asked); got < 0.97*want {
			r.Report.Notes.Add("%s: servers answered %.0f of %.0f requests a second: the machine is too busy for this load; choose a lower -rate", subject, got, want)
			return false
		}
	}
	return true
}

func showServers(o *Options, r *report.Report) {
	r.About.Add("three servers on one database of Redis (appendfsync everysec) and three with a database each, PostgreSQL and nginx run all the time; the load reaches some of them, in turn")
	r.About.Add("client own at a fixed rate and %s, rounds %d of %s, medians (min..max), sessions %d, which each server has met, seed %d", o.Client, o.Rounds, o.Duration, o.Sessions, o.Seed)
	cpu := []report.Column{
		{Title: "servers' CPU us", Figure: report.CPU, Digits: 1}, {Title: "largest of them", Figure: worstCPU, Digits: 1},
		{Title: "Redis's CPU us", Figure: redisCPU, Digits: 1}, {Title: "nginx's CPU us", Figure: nginxCPU, Digits: 1},
		{Title: "each of 3 / these", Ratio: report.CPU},
	}
	columns := append([]report.Column{{Title: "requests/s", Figure: report.Rate}}, report.Latencies()...)
	columns = append(append(columns, cpu...), report.Verdicts()...)
	for _, t := range [][2]string{
		{measureEqual, fmt.Sprintf("GET /get/ through nginx, %d requests a second for each server, processor time of a request", o.Rate)},
		{measureFull, fmt.Sprintf("the same as fast as %d connections can, on cores that all programs share", o.Connections)},
	} {
		r.Tables = append(r.Tables, report.Table{Title: t[1], Measure: t[0], Subject: "servers", Columns: columns})
	}
}
