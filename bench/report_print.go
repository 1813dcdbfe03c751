package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// print writes the report for people.
func (r report) print(out io.Writer) {
	r.heading.print(out)
	fmt.Fprintf(out, "client %s, threads %d, rounds %d of %g s, medians (min..max), sessions %d, seed %d\n",
		r.Client, r.Setup.Threads, r.Setup.Rounds, r.Setup.Seconds, r.Setup.Sessions, r.Setup.Seed)
	r.printMeasure(out, refresh, fmt.Sprintf("refresh: GET /get/, %d connections", r.Setup.Connections))
	r.printMeasure(out, create, fmt.Sprintf("create: GET /set/ without a cookie, %d connections, durable when answered", r.Setup.CreateConnections))
	r.printOpen(out)
	r.printPeers(out)
	r.printCrashes(out)
	if r.Idle != nil {
		fmt.Fprintln(out, "idle session:", r.Idle)
	}
	for _, note := range r.Notes {
		fmt.Fprintln(out, "note:", note)
	}
	r.printVerdict(out)
}

func (r report) printMeasure(out io.Writer, measure, title string) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range r.Summaries {
		if s.Measure != measure {
			continue
		}
		if title != "" {
			fmt.Fprintf(table, "\n%s\npeer\trequests/s\tp50 ms\tp99 ms\tp99.9 ms\terrors\texpired\twrong\tcrashes\tCPU us\tbody bytes\tours is\tours' CPU is\n", title)
			title = ""
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%s\t%d\t%s\t%s\n", s.Peer,
			show(s.Rate, 0), show(s.P50, 2), show(s.P99, 2), show(s.P999, 2),
			s.Errors, s.Expired, s.Wrong, len(s.Crashes), show(s.CPU, 1), s.Bytes, r.showRatio(s.Measure, s.Peer), r.showCPU(s))
	}
	_ = table.Flush()
}

// show writes a spread, or a dash where there is no figure.
func show(s *spread, digits int) string {
	if s == nil {
		return "-"
	}
	return fmt.Sprintf("%.*f (%.*f..%.*f)", digits, s.Median, digits, s.Min, digits, s.Max)
}

// showCPU writes how many times a peer's processor time ours is.
func (r report) showCPU(s summary) string {
	if s.Measure != refresh {
		return ""
	}
	return r.showRatio(cpuMeasure, s.Peer)
}

// showRatio writes how many times a peer's figure ours is, and the floor.
func (r report) showRatio(measure, peer string) string {
	for _, c := range r.Comparisons {
		if c.Measure == measure && c.Peer == peer {
			return c.verdict()
		}
	}
	return ""
}

// printPeers says who the peers are.
func (r report) printPeers(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table)
	for _, p := range r.Peers {
		fmt.Fprintf(table, "%s\t%s\n", p.Name, p.Is)
	}
	_ = table.Flush()
}

func (r report) printCrashes(out io.Writer) {
	for _, s := range r.Summaries {
		for _, c := range s.Crashes {
			fmt.Fprintf(out, "%s %s crashed after %d requests, %.2f s: %s\n", s.Measure, s.Peer, c.After, c.Seconds, c.Cause)
		}
	}
}

// printVerdict ends the report with what was bad, what was not judged, or
// that all is well.
func (r report) printVerdict(out io.Writer) {
	bad := r.complaints()
	for _, line := range bad {
		fmt.Fprintln(out, "BAD:", line)
	}
	left := unjudged(r.floors, r.Comparisons)
	for _, f := range left {
		fmt.Fprintf(out, "not judged: %s %s times %s\n", f.measure, f.bound(), f.peer)
	}
	if len(bad) == 0 && len(r.Comparisons) > 0 {
		fmt.Fprintf(out, "GOOD: every answer of ours was right, %d of %d floors were judged and none was missed\n", len(r.floors)-len(left), len(r.floors))
	}
}

// complaints are the reasons to leave with 1; a missed floor is one even
// where it only is reported.
func (r report) complaints() []string {
	var list []string
	for _, s := range r.Summaries {
		if s.Peer == ours && !s.flawless() {
			list = append(list, fmt.Sprintf("%s of ours had %d good answers, %d errors, %d expired, %d wrong, %d crashes",
				s.Measure, s.Good, s.Errors, s.Expired, s.Wrong, len(s.Crashes)))
		}
	}
	for _, c := range r.Comparisons {
		if c.Missed {
			list = append(list, fmt.Sprintf("%s against %s: %s", c.Measure, c.Peer, c.verdict()))
		}
	}
	if r.Idle != nil && r.Idle.Bad != "" {
		list = append(list, "the idle session: "+r.Idle.Bad)
	}
	return list
}
