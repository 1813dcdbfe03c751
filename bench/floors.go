package main

import (
	"fmt"
	"slices"
)

// A floor is a limit on a ratio of medians, ours against a peer: at least so
// much of a rate, or at most so much of a latency or of processor time.
type floor struct {
	measure  string
	peer     string
	atMost   bool    // a ceiling, then
	limit    float64 // 0: not judged, only reported
	generous float64 // takes the limit's place in quick runs; 0: not judged there
}

// Measures that floors are set for beside refresh and create: the server's
// processor time for a refresh, the open loop's p99, the rate with 1,000,000 live
// sessions against that with as many as the peer's name says, and the rate beside
// an operator at that work against nobody.
const (
	cpuMeasure     = "cpu"
	openMeasure    = "open"
	scaleMeasure   = "scale"
	consoleMeasure = "console"
)

// allFloors are the figures to reach, and all of them. The floors against
// stock are for a disk with an fdatasync of about usualFsyncMS.
//
// The generous ones are to catch what got slower by half, on a machine that
// does other things too, and to raise no false alarm. Rates cannot do both:
// beside a load average of 20 they swung by a factor of 70 within one run.
// Processor time can: it was 0.43 to 0.52 of the page's in the same run. It is
// judged in the middle between today's (0.5 of the page, 1.45 of constant
// bytes) and twice that. Rates are judged at a third to three fifths of the
// real floors: they catch what waits instead of working.
func allFloors() []floor {
	return []floor{
		{measure: refresh, peer: "page", limit: 1.0, generous: 0.6},
		{measure: refresh, peer: "constant", limit: 0.75, generous: 0.35},
		{measure: refresh, peer: "memory", limit: 2.4, generous: 1.2},
		{measure: refresh, peer: "stock", limit: 15, generous: 5},
		{measure: create, peer: "stock", limit: 10, generous: 3},
		{measure: cpuMeasure, peer: "page", atMost: true, generous: 0.75},
		{measure: cpuMeasure, peer: "constant", atMost: true, generous: 2.1},
		{measure: openMeasure, peer: "page", atMost: true, limit: 1.25},
		{measure: scaleMeasure, peer: "1,000", limit: 0.90},
		{measure: consoleMeasure, peer: consoleList, limit: 0.95},
		{measure: consoleMeasure, peer: consoleDashboard, limit: 0.98},
	}
}

// floorsOf are the floors of some measures; generous ones where asked for.
func floorsOf(generous bool, measures ...string) []floor {
	var list []floor
	for _, f := range allFloors() {
		if generous {
			f.limit = f.generous
		}
		if f.limit > 0 && slices.Contains(measures, f.measure) {
			list = append(list, f)
		}
	}
	return list
}

func (f floor) missedBy(ratio float64) bool {
	if f.atMost {
		return ratio > f.limit
	}
	return ratio < f.limit
}

// bound writes the floor: "at least 2.4".
func (f floor) bound() string {
	if f.atMost {
		return fmt.Sprintf("at most %g", f.limit)
	}
	return fmt.Sprintf("at least %g", f.limit)
}

// A comparison is ours against one peer, with the floor where there is one.
type comparison struct {
	Measure string  `json:"measure"`
	Peer    string  `json:"peer"`
	Ratio   float64 `json:"ratio"`
	Floor   string  `json:"floor,omitempty"`
	Missed  bool    `json:"missed"`
}

// judgeRatio makes a comparison of a ratio that somebody worked out.
func judgeRatio(measure, peer string, ratio float64, floors []floor) comparison {
	c := comparison{Measure: measure, Peer: peer, Ratio: ratio}
	for _, f := range floors {
		if f.measure == measure && f.peer == peer {
			c.Floor, c.Missed = f.bound(), f.missedBy(ratio)
		}
	}
	return c
}

// verdict writes the ratio, and the floor.
func (c comparison) verdict() string {
	switch {
	case c.Missed:
		return fmt.Sprintf("%.2f times, MISSED %s", c.Ratio, c.Floor)
	case c.Floor != "":
		return fmt.Sprintf("%.2f times, floor %s", c.Ratio, c.Floor)
	default:
		return fmt.Sprintf("%.2f times", c.Ratio)
	}
}

// compare sets ours against each peer of the same measure, in order, and
// judges by the floors. A peer without a figure cannot be compared with; it
// is left out, and so misses nothing.
func compare(summaries []summary, floors []floor) []comparison {
	var list []comparison
	for _, own := range summaries {
		if own.Peer != ours {
			continue
		}
		for _, other := range summaries {
			if other.Peer != ours && other.Measure == own.Measure {
				list = append(list, compareTwo(own, other, floors)...)
			}
		}
	}
	return list
}

// compareTwo compares rates, and the processor time of a refresh.
func compareTwo(own, other summary, floors []floor) (list []comparison) {
	if own.Measure == openMeasure {
		return compareOpen(own, other, floors)
	}
	if r, ok := ratioOf(own.Rate, other.Rate); ok {
		list = append(list, judgeRatio(own.Measure, other.Peer, r, floors))
	}
	if r, ok := ratioOf(own.CPU, other.CPU); ok && own.Measure == refresh {
		list = append(list, judgeRatio(cpuMeasure, other.Peer, r, floors))
	}
	return list
}

// ratioOf is the ratio of two medians; ok is false where one is missing.
func ratioOf(a, b *spread) (r float64, ok bool) {
	if a == nil || b == nil {
		return 0, false
	}
	return ratio(a.Median, b.Median)
}

// unjudged returns the floors that no comparison was judged by: a peer, or
// ours, did not run or gave nothing, or the client was late.
func unjudged(floors []floor, done []comparison) []floor {
	return slices.DeleteFunc(slices.Clone(floors), func(f floor) bool {
		return slices.ContainsFunc(done, func(c comparison) bool { return c.Measure == f.measure && c.Peer == f.peer && c.Floor != "" })
	})
}
