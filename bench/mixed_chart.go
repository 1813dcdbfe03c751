package main

import (
	"errors"
	"fmt"
	"path/filepath"
)

// charts draws mixed.svg and mixed-latency.svg.
func (r mixedReport) charts(dir string) error {
	c := overTime("Mixed load: memory and file", r.Samples)
	c.subtitle = fmt.Sprintf("%d connections, %d sessions, %d deletions", r.Connections, r.Sessions, r.Deleted)
	bars := barChart{unit: "ms", chartFrame: chartFrame{title: "Mixed load: p99 by kind of request", subtitle: "saturated closed loop: mostly the queue"}}
	for _, k := range r.Kinds {
		if k.Latency != nil {
			bars.bars = append(bars.bars, bar{name: k.Kind, value: k.Latency.P99, highlights: true,
				note: fmt.Sprintf("(p50 %.1f)", k.Latency.P50)})
		}
	}
	return errors.Join(
		writeLineChart(filepath.Join(dir, "mixed.svg"), c),
		writeBarChart(filepath.Join(dir, "mixed-latency.svg"), bars),
	)
}
