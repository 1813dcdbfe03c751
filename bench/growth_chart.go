package main

import (
	"fmt"
	"path/filepath"
)

// charts draws growth.svg.
func (r growthReport) charts(dir string) error {
	c := overTime(fmt.Sprintf("%s touches/s over %s sessions", chartNumber(float64(r.Rate)), chartNumber(float64(r.Sessions))), r.Samples)
	c.subtitle = fmt.Sprintf("the file was %.1f MiB at the start", float64(r.Start)/(1<<20))
	return writeLineChart(filepath.Join(dir, "growth.svg"), c)
}
