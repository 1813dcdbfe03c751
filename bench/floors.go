package main

import "slices"

// A floor is a ratio of medians, ours against a peer, that must be reached.
type floor struct {
	measure string
	peer    string
	atLeast float64
}

// floors are the figures to reach. Creation against stock is only reported
// here: its floor is held in the storage's own benchmarks for now.
func floors() []floor {
	return []floor{
		{measure: refresh, peer: "memory", atLeast: 2.0},
		{measure: refresh, peer: "stock", atLeast: 10},
	}
}

// A comparison is ours against one peer. Floor 0 means that there is none.
type comparison struct {
	Measure string  `json:"measure"`
	Peer    string  `json:"peer"`
	Ratio   float64 `json:"ratio"`
	Floor   float64 `json:"floor,omitempty"`
	Missed  bool    `json:"missed"`
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
			if other.Peer == ours || other.Measure != own.Measure {
				continue
			}
			if c, ok := compareOne(own, other, floors); ok {
				list = append(list, c)
			}
		}
	}
	return list
}

func compareOne(own, other summary, floors []floor) (comparison, bool) {
	if own.Rate == nil || other.Rate == nil {
		return comparison{}, false
	}
	r, ok := ratio(own.Rate.Median, other.Rate.Median)
	c := comparison{Measure: own.Measure, Peer: other.Peer, Ratio: r}
	for _, f := range floors {
		if f.measure == c.Measure && f.peer == c.Peer {
			c.Floor, c.Missed = f.atLeast, r < f.atLeast
		}
	}
	return c, ok
}

// unjudged returns the floors that no comparison has: a peer, or ours, did
// not run or gave nothing.
func unjudged(floors []floor, done []comparison) []floor {
	return slices.DeleteFunc(floors, func(f floor) bool {
		return slices.ContainsFunc(done, func(c comparison) bool { return c.Measure == f.measure && c.Peer == f.peer })
	})
}
