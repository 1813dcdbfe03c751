package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// floodGrowth is what memory and file may reach in the quiet, against their
// most in the flood. Written pages of the flood's last moments are still to
// come when it ends, hence not 1; memorySlack is for caps that are small. The
// file keeps who has ended, 34 bytes each, before it loses what they left, and
// bbolt grows it by whole steps (DB.AllocSize), of which growthStep is one.
const (
	floodGrowth = 1.1
	memorySlack = 4 << 20
	growthStep  = 16 << 20
)

// A floodReport is what `go run ./bench flood` found.
type floodReport struct {
	heading
	Cap         int           `json:"cap"`
	IdleSec     float64       `json:"idle_seconds"`
	HoldSec     float64       `json:"hold_seconds"`
	QuietSec    float64       `json:"quiet_seconds"`
	Connections int           `json:"connections"`
	Created     int64         `json:"created"`
	Refused     int64         `json:"refused"`
	Wrong       int64         `json:"wrong"`
	Errors      int64         `json:"errors"`
	FirstWrong  string        `json:"first_wrong,omitempty"`
	FullSec     float64       `json:"full_after_seconds"` // 0: never
	Create      *latency      `json:"create,omitempty"`
	Refuse      *latency      `json:"refuse,omitempty"`
	Checked     int           `json:"checked"`    // of the flooded sessions, after the quiet
	StillLive   int           `json:"still_live"` // of those
	Recreated   int           `json:"recreated"`  // after the quiet
	Crash       string        `json:"crash,omitempty"`
	Samples     []floodSample `json:"samples"`
}

func newFloodReport(h heading, opt floodOptions) floodReport {
	return floodReport{heading: h, Cap: opt.cap, IdleSec: opt.idle.Seconds(), HoldSec: opt.hold.Seconds(),
		QuietSec: opt.quiet.Seconds(), Connections: opt.connections}
}

// tell takes over what the wave counted.
func (r *floodReport) tell(w *wave) {
	r.Created, r.Refused, r.Wrong, r.Errors = w.created.Load(), w.refused.Load(), w.wrong.Load(), w.errors.Load()
	r.FirstWrong = w.first
	r.FullSec = time.Duration(w.full.Load()).Seconds()
	if r.Created > 0 {
		r.Create = percentiles(w.times)
	}
	if r.Refused > 0 {
		r.Refuse = percentiles(w.says)
	}
}

func (r floodReport) complaints() []string {
	if r.Crash != "" {
		return []string{fmt.Sprintf("the server crashed after %d creations: %s", r.Created, r.Crash)}
	}
	var list []string
	add := func(bad bool, format string, args ...any) {
		if bad {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	add(r.Wrong > 0, "%d wrong answers, the first: %s", r.Wrong, r.FirstWrong)
	add(r.Errors > 0, "%d requests without an answer", r.Errors)
	add(r.Refused == 0, "the cap of %d was not reached in %g s (%d created): take a smaller -cap or a longer -idle", r.Cap, r.IdleSec, r.Created)
	add(r.overfull(), "%d sessions created where %d fit beside the visitor's", r.Created, r.Cap-1)
	add(r.StillLive > 0, "%d of %d flooded sessions are still live", r.StillLive, r.Checked)
	add(r.Checked == 0, "no flooded session was looked at again")
	add(r.Recreated < min(recreated, r.Cap-1), "only %d of %d creations worked after the quiet", r.Recreated, min(recreated, r.Cap-1))
	return append(append(list, r.visitorComplaints()...), r.growthComplaints()...)
}

// overfull is true where more sessions were created than fit, before any of
// them can have expired.
func (r floodReport) overfull() bool {
	return r.FullSec+r.HoldSec < r.IdleSec && r.Created > int64(r.Cap-1)
}

func (r floodReport) visitorComplaints() []string {
	lost, unready := 0, 0
	for _, s := range r.Samples {
		if !s.Live {
			lost++
		}
		if !s.Ready {
			unready++
		}
	}
	var list []string
	if lost > 0 {
		list = append(list, fmt.Sprintf("the visitor did not see the live session in %d of %d looks", lost, len(r.Samples)))
	}
	if unready > 0 {
		list = append(list, fmt.Sprintf("/readyz was not 200 in %d of %d looks", unready, len(r.Samples)))
	}
	return list
}

func (r floodReport) growthComplaints() []string {
	var list []string
	for _, what := range []struct {
		name   string
		slack  float64
		figure func(floodSample) int64
	}{
		{"memory", memorySlack, func(s floodSample) int64 { return s.RSS }},
		{"the file", growthStep, func(s floodSample) int64 { return s.File }},
	} {
		during, after := r.most(phaseFlood, what.figure), r.most(phaseQuiet, what.figure)
		if float64(after) > float64(during)*floodGrowth+what.slack {
			list = append(list, fmt.Sprintf("%s grew in the quiet: from %.1f to %.1f MiB", what.name, float64(during)/(1<<20), float64(after)/(1<<20)))
		}
	}
	return list
}

// most is the largest figure of a phase. What the first sample of the quiet
// shows happened in the flood.
func (r floodReport) most(phase string, figure func(floodSample) int64) int64 {
	most, first := int64(0), true
	for _, s := range r.Samples {
		counts := s.Phase == phase
		if s.Phase == phaseQuiet && first {
			counts, first = phase == phaseFlood, false
		}
		if counts {
			most = max(most, figure(s))
		}
	}
	return most
}

func (r floodReport) print(out io.Writer) {
	r.heading.print(out)
	fmt.Fprintf(out, "%d connections create sessions until the cap of %d, then %g s longer, then %g s of quiet; idle timeout %g s\n\n",
		r.Connections, r.Cap, r.HoldSec, r.QuietSec, r.IdleSec)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "second\tphase\tcreated\trefused\tmemory MiB\tfile MiB\tvisitor ms\tlive\tready")
	for _, s := range r.Samples {
		fmt.Fprintf(table, "%.0f\t%s\t%d\t%d\t%.1f\t%.1f\t%.2f\t%t\t%t\n", s.Second, s.Phase, s.Created, s.Refused,
			float64(s.RSS)/(1<<20), float64(s.File)/(1<<20), s.VisitorMS, s.Live, s.Ready)
	}
	_ = table.Flush()
	fmt.Fprintf(out, "\ncap reached after %.2f s; %d created (%s), %d refused (%s), %d wrong, %d errors\n",
		r.FullSec, r.Created, r.Create.short(), r.Refused, r.Refuse.short(), r.Wrong, r.Errors)
	fmt.Fprintf(out, "after the quiet: %d of %d flooded sessions live, %d new ones created\n", r.StillLive, r.Checked, r.Recreated)
}

// short is a latency in a line.
func (l *latency) short() string {
	if l == nil {
		return "no latency"
	}
	return fmt.Sprintf("p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms", l.P50, l.P99, l.P999)
}
