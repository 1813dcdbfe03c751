package main

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
)

// charts draws scale-rate.svg, scale-size.svg and scale-start.svg.
func (r scaleReport) charts(dir string) error {
	subtitle := fmt.Sprintf("%s, %d cores, medians of %d rounds", r.Machine.CPU, r.Machine.Cores, r.Rounds)
	draw := func(name string, c lineChart) error {
		c.subtitle, c.x, c.xTitle = subtitle, r.sizeLabels(), "live sessions"
		return writeLineChart(filepath.Join(dir, name+".svg"), c)
	}
	return errors.Join(
		draw("scale-rate", lineChart{chartFrame: chartFrame{title: "Session refresh by live sessions"}, yTitle: "requests/s", rightTitle: "server CPU, us/request", lines: []chartLine{
			r.line("requests/s", 1, func(s scaleSummary) *spread { return s.Rate }),
			{name: "CPU a request (right)", values: r.line("", 1, func(s scaleSummary) *spread { return s.CPU }).values, right: true},
		}}),
		draw("scale-size", lineChart{chartFrame: chartFrame{title: "Memory and file by live sessions"}, yTitle: "MiB", lines: []chartLine{
			r.line("memory under load", 1<<20, func(s scaleSummary) *spread { return s.RSS }),
			r.line("memory after start", 1<<20, func(s scaleSummary) *spread { return s.StartRSS }),
			r.line("file", 1<<20, func(s scaleSummary) *spread { return s.File }),
		}}),
		draw("scale-start", lineChart{chartFrame: chartFrame{title: "Start and stop by live sessions"}, yTitle: "ms", lines: []chartLine{
			r.line("ready after a stop", 1, func(s scaleSummary) *spread { return s.Start }),
			r.line("ready after kill -9", 1, func(s scaleSummary) *spread { return s.KillStart }),
			r.line("SIGTERM to gone", 1, func(s scaleSummary) *spread { return s.Stop }),
		}}),
	)
}

func (r scaleReport) sizeLabels() []string {
	var labels []string
	for _, s := range r.Sizes {
		labels = append(labels, chartNumber(float64(s.Sessions)))
	}
	return labels
}

// line is a figure's medians in a unit, with gaps where there is none.
func (r scaleReport) line(name string, unit float64, figure func(scaleSummary) *spread) chartLine {
	return chartLine{name: name, values: column(r.Sizes, func(s scaleSummary) float64 {
		if f := figure(s); f != nil {
			return f.Median / unit
		}
		return math.NaN()
	})}
}
