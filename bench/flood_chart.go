package main

import (
	"errors"
	"fmt"
	"path/filepath"
)

// charts draws flood.svg and flood-visitor.svg.
func (r floodReport) charts(dir string) error {
	list := make([]sample, len(r.Samples))
	for i, s := range r.Samples {
		list[i] = s.sample
	}
	c := overTime("Flood of creations, then quiet", list)
	c.subtitle = fmt.Sprintf("cap %s sessions, reached after %.1f s; quiet from %.1f s on", chartNumber(float64(r.Cap)), r.FullSec, r.FullSec+r.HoldSec)
	c.rightTitle = "sessions created"
	c.lines = append(c.lines, chartLine{name: "created (right)", right: true, values: column(r.Samples, func(s floodSample) float64 { return float64(s.Created) })})
	visitor := lineChart{
		chartFrame: chartFrame{title: "What a visitor waits for the page", subtitle: c.subtitle}, x: c.x, xTitle: c.xTitle, xLabels: c.xLabels, yTitle: "ms",
		lines: []chartLine{{name: "GET /get/", values: column(r.Samples, func(s floodSample) float64 { return s.VisitorMS })}},
	}
	return errors.Join(
		writeLineChart(filepath.Join(dir, "flood.svg"), c),
		writeLineChart(filepath.Join(dir, "flood-visitor.svg"), visitor),
	)
}
