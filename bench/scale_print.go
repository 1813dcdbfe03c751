package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

func (r scaleReport) print(out io.Writer) {
	r.heading.print(out)
	fmt.Fprintf(out, "client %s, threads %d, %d connections, rounds %d of %g s, medians (min..max), seed %d, the client's list has %d entries\n",
		r.Client, r.Threads, r.Connections, r.Rounds, r.Seconds, r.Seed, r.Entries)
	r.printSpeed(out)
	r.printSize(out)
	r.printTimes(out)
	r.printRatio(out)
}

func (r scaleReport) printSpeed(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nlive sessions\tGET /get/ requests/s\tp99 ms\tserver CPU us/request\tfirst visits/s (own client)")
	for _, s := range r.Sizes {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\n", s.Sessions, show(s.Rate, 0), show(s.P99, 2), show(s.CPU, 1), show(s.First, 0))
	}
	_ = table.Flush()
}

func (r scaleReport) printSize(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nlive sessions\tMiB after start\tMiB under load\tbytes/session\tfile MiB\tbytes written/touch")
	for _, s := range r.Sizes {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\n", s.Sessions, show(s.StartRSS.mebi(), 1), show(s.RSS.mebi(), 1),
			r.bytesEach(s), show(s.File.mebi(), 2), show(s.Written, 1))
	}
	_ = table.Flush()
}

// bytesEach is memory under load by sessions, in all, and of what is more
// than at the smallest size: without the program itself.
func (r scaleReport) bytesEach(s scaleSummary) string {
	if s.RSS == nil {
		return "-"
	}
	text := fmt.Sprintf("%.0f", s.RSS.Median/float64(s.Sessions))
	first := r.Sizes[0]
	if s.Sessions > first.Sessions && first.RSS != nil {
		text += fmt.Sprintf(", above the first %.0f", (s.RSS.Median-first.RSS.Median)/float64(s.Sessions-first.Sessions))
	}
	return text
}

// mebi turns bytes into MiB.
func (s *spread) mebi() *spread {
	if s == nil {
		return nil
	}
	return &spread{Median: s.Median / (1 << 20), Min: s.Min / (1 << 20), Max: s.Max / (1 << 20)}
}

func (r scaleReport) printTimes(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nlive sessions\tready after a stop ms\tready after kill -9 ms\tSIGTERM to gone ms")
	for _, s := range r.Sizes {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\n", s.Sessions, show(s.Start, 0), show(s.KillStart, 0), show(s.Stop, 0))
	}
	_ = table.Flush()
}

func (r scaleReport) printRatio(out io.Writer) {
	x := r.Ratio
	if x == nil {
		return
	}
	fmt.Fprintf(out, "\n%d sessions are %.2f times as fast as %d", x.Largest, x.Equal, x.Smallest)
	if x.Floor > 0 {
		fmt.Fprintf(out, ", floor %g", x.Floor)
	}
	fmt.Fprintf(out, "; against the plain list of %d ids %.2f times; a request costs %.2f times the CPU\n", x.Smallest, x.Plain, x.CPU)
}
