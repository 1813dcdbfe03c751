package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// resultsDir is where results go: the folder asked for, or bench/results of
// the repository, which git does not know. ok is false for nowhere.
func resultsDir(ctx context.Context, asked string) (dir string, ok bool, err error) {
	switch asked {
	case noResults:
		return "", false, nil
	case "":
		root, err := moduleRoot(ctx)
		return filepath.Join(root, "bench", "results"), true, err
	default:
		return asked, true, nil
	}
}

// write writes the report as JSON and a chart for each measure, under the
// same names each time.
func (r report) write(ctx context.Context, asked string) error {
	dir, ok, err := resultsDir(ctx, asked)
	if err != nil || !ok {
		return err
	}
	if err := r.writeJSON(filepath.Join(dir, "refresh.json")); err != nil {
		return err
	}
	for _, name := range []string{refresh, create} {
		file, c := filepath.Join(dir, name+".svg"), r.chart(name)
		if len(c.bars) == 0 {
			_ = os.Remove(file) // an earlier run's would lie beside this report
			continue
		}
		if err := writeBarChart(file, c); err != nil {
			return err
		}
	}
	return nil
}

// chart shows the rates of a measure, and how many times a peer's ours is.
func (r report) chart(measure string) barChart {
	c := barChart{unit: "requests/s"}
	c.title, c.subtitle = r.chartTitles(measure)
	for _, s := range r.Summaries {
		if s.Measure != measure || s.Rate == nil {
			continue
		}
		b := bar{name: s.Peer, value: s.Rate.Median, min: s.Rate.Min, max: s.Rate.Max, highlights: s.Peer == ours}
		for _, other := range r.Comparisons {
			if other.Measure == measure && other.Peer == s.Peer {
				b.note = fmt.Sprintf("ours: %.2f times", other.Ratio)
			}
		}
		c.bars = append(c.bars, b)
	}
	return c
}

func (r report) chartTitles(measure string) (title, subtitle string) {
	title, connections := "Session refresh: GET /get/", r.Setup.Connections
	if measure == create {
		title, connections = "Durable creations: GET /set/", r.Setup.CreateConnections
	}
	return title, fmt.Sprintf("%d connections, medians (min..max) of %d rounds of %g s, %s, %d cores, commit %s",
		connections, r.Setup.Rounds, r.Setup.Seconds, r.Machine.CPU, r.Machine.Cores, r.Machine.Commit)
}
