package scenario

import (
	"fmt"
	"slices"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
)

// refreshFloors returns the floors that README.md explains.
//
// Against stock the processor time of a request is judged: stock waits for an fsync
// with each request, so its rate is the disk's. The floors on rates are low enough for
// any disk, and catch a server that waits where it could work (ADR 0024).
//
// Against constant, too: while no other work wants a processor, wrk's one thread limits both,
// and hides a part of what ours costs more. Beside other work the server limits, and the ratio
// of rates falls to that of processor times; in single rounds it was 0.43 to 2.5. At load
// averages from 8 to 25 on 2 cores, medians of five and seven rounds of the processor time
// were 1.40 to 1.58 of constant's, those of the rate 0.61 to 1.13.
//
// The generous floors catch what became slower by half and stay quiet on a busy machine.
// At a load average of 20, rates changed by a factor of 70 within one run, processor
// time by a fifth (0.43 to 0.52 of the page's).
func refreshFloors() []report.Floor {
	rate := func(measure, subject, where string, limit, generous float64) report.Floor {
		return report.Floor{What: measure, Measure: measure, Figure: report.Rate, Subject: subject, Where: where, Limit: limit, Generous: generous}
	}
	cpu := func(what, measure, subject, where string, limit, generous float64) report.Floor {
		return report.Floor{What: what, Measure: measure, Figure: report.CPU, Subject: subject, Where: where, AtMost: true, Limit: limit, Generous: generous}
	}
	return []report.Floor{
		rate(measureRefresh, "page", "", 1.0, 0.6), rate(measureRefresh, "constant", "", 0, 0.35), rate(measureRefresh, "memory", "", 2.4, 1.2),
		rate(measureRefresh, "stock", report.OnDisk, 5, 3), rate(measureCreate, "stock", report.OnDisk, 3, 2),
		cpu("refresh CPU", measureRefresh, "page", "", 0, 0.75), cpu("refresh CPU", measureRefresh, "constant", "", 1.7, 2.1),
		cpu("refresh CPU", measureRefresh, "stock", report.OnDisk, 0.12, 0.2), cpu("create CPU", measureCreate, "stock", report.OnDisk, 0.3, 0.4),
		// An fsync takes the driver processor time as well, so in memory the driver is cheaper.
		cpu("refresh CPU in memory", measureRefresh, "stock", report.InMemory, 0.25, 0.35), cpu("create CPU in memory", measureCreate, "stock", report.InMemory, 0.5, 0.6),
		{What: "open p99", Measure: measureOpen, Figure: report.P99, Subject: "page", AtMost: true, Limit: 1.25},
	}
}

func showRefresh(o *Options, r *report.Report) {
	r.About.Add("client %s, threads %d, rounds %d of %s, medians (min..max), sessions %d, seed %d", o.Client, o.Threads, o.Rounds, o.Duration, o.Sessions, o.Seed)
	closed := slices.Concat([]report.Column{{Title: "requests/s", Figure: report.Rate}}, report.Latencies(), report.Verdicts(), []report.Column{
		{Title: "CPU us", Figure: report.CPU, Digits: 1},
		{Title: "body bytes", Text: func(s report.Summary) string { return fmt.Sprintf("%.0f", s.Spreads[report.Size].Max) }},
		{Title: "ours/peer", Ratio: report.Rate}, {Title: "CPU ours/peer", Ratio: report.CPU},
	})
	open := slices.Concat([]report.Column{{Title: "asked/s", Figure: report.Asked}, {Title: "answers/s", Figure: report.Rate}}, report.Latencies(), []report.Column{
		{Title: "waited %", Figure: report.Waited, Digits: 1}, {Title: "client lag p99 ms", Figure: report.LagP99, Digits: 2},
	}, report.Verdicts(), []report.Column{{Title: "p99 ours/peer", Ratio: report.P99}})
	r.Tables = []report.Table{
		{Title: fmt.Sprintf("refresh: GET /get/, %d connections", o.Connections), Measure: measureRefresh, Subject: "peer", Columns: closed},
		{Title: fmt.Sprintf("create: GET /set/ without a cookie, %d connections, durable before the answer", o.CreateConnections), Measure: measureCreate, Subject: "peer", Columns: closed},
		{Title: fmt.Sprintf("open: GET /get/ at a fixed rate, %d connections, %d rounds; latency counts from the instant at which a request was due", o.Connections, o.Rounds*openRoundsEach), Measure: measureOpen, Subject: "peer", Columns: open},
	}
	chart := func(measure, title string, connections int) report.Chart {
		return report.Chart{
			File: measure + ".svg", Title: title, Subtitle: fmt.Sprintf("%d connections, medians (min..max) of %d rounds of %s", connections, o.Rounds, o.Duration),
			Measure: measure, Bars: true, YTitles: []string{"requests/s"}, Lines: []report.Line{{Figure: report.Rate}},
		}
	}
	r.Charts = []report.Chart{
		chart(measureRefresh, "Session refresh: GET /get/", o.Connections), chart(measureCreate, "Durable creations: GET /set/", o.CreateConnections),
	}
}

// judge replaces the report by one of what was measured so far.
func (r *refreshRun) judge() {
	command := r.Report.Command
	rep := r.newReport(r.Report.Machine)
	r.Report, rep.Command, rep.Measurements = rep, command, r.measured
	asked := map[string]bool{measureRefresh: r.Refresh, measureCreate: r.Create, measureOpen: r.Open}
	rep.Floors = slices.DeleteFunc(rep.Floors, func(f report.Floor) bool { return !asked[f.Measure] })
	r.summarize()
	always := func(_, _ report.Summary) bool { return true }
	for _, measure := range []string{measureRefresh, measureCreate} {
		rep.CompareAll(measure, report.Rate, peer.Product, always)
		rep.CompareAll(measure, report.CPU, peer.Product, always)
	}
	rep.CompareAll(measureOpen, report.P99, peer.Product, func(own, other report.Summary) bool { return !clientLate(own) && !clientLate(other) })
	for _, s := range rep.Summaries {
		rep.Blame(s.Subject == peer.Product && !s.Flawless(), "%s, ours: %s, %d crashes", s.Measure, s.Counts, len(s.Crashes))
	}
	r.explain()
}

// explain adds what the peers are, and notes on figures that are doubtful.
func (r *refreshRun) explain() {
	for _, p := range r.peers {
		r.Report.Facts.Add("%-9s %s", p.Name, p.About)
	}
	r.Report.Notes = append(r.Report.Notes, r.skipped...)
	for _, m := range r.measured {
		if m.Note != "" {
			r.Report.Notes.Add("%s, round %d: %s", m.Subject, m.Round, m.Note)
		}
		if between := between(r.Threads, m); between > load.IdleTimeout/2 {
			r.Report.Notes.Add("%s, round %d: with %.0f ids at %.0f requests/s each session is requested every %s, so the bench let sessions expire; choose fewer -sessions",
				m.Subject, m.Round, m.Figures["ids"], m.Figures[report.Rate], between.Round(time.Second))
		}
	}
	for _, s := range r.Report.Summaries {
		openNotes(r.Report, s)
	}
}

// between returns the longest time between two requests with one id, 0 where that is unknown.
func between(threads int, m report.Measurement) time.Duration {
	rate := m.Figures[report.Rate]
	if rate == 0 {
		return 0
	}
	return time.Duration(m.Figures["ids"] / (rate / float64(threads)) * float64(time.Second))
}
