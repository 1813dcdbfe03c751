package console

import (
	"html/template"
	"strconv"
	"strings"

	"pagesession/internal/monitor"
)

// A chart shows gauges of one unit together, over the last 15 minutes.
type chart struct {
	Title string
	Unit  unit
	Lines []line
	Paths []template.HTMLAttr // what each line looks like where there are no scripts
}

// A line is a gauge on a chart.
type line struct {
	Name, Title string
	Unit        unit
	Now         string
	Class       string // which gives it its colour
}

var chartPlan = []struct {
	title string
	unit  unit
	names []string
}{
	{"Live sessions", number, []string{"sessions"}},
	{"Refreshes", bySecond, []string{"refreshes"}},
	{"Created and ended", bySecond, []string{"creations", "idle", "deleted", "revoked", "absolute"}},
	{"Commits and flushes", millis, []string{"commit", "commit99", "flush", "flush99"}},
	{"Memory and file", bytes, []string{"memory", "file"}},
	{"Queue and goroutines", number, []string{"waiting", "goroutines"}},
}

// chartsOf are the charts as they are without scripts: with the newest numbers,
// and still.
func chartsOf(samples []monitor.Sample) []chart {
	now := newest(samples)
	all := make([]chart, len(chartPlan))
	for i, plan := range chartPlan {
		c := chart{Title: plan.title, Unit: plan.unit}
		top := 0.0
		for _, name := range plan.names {
			top = max(top, highest(samples, gaugeOf(name)))
		}
		for j, name := range plan.names {
			g := gaugeOf(name)
			c.Lines = append(c.Lines, lineOf(g, now, "c"+strconv.Itoa(j+1)))
			c.Paths = append(c.Paths, sparkline(samples, g, top))
		}
		all[i] = c
	}
	return all
}

func lineOf(g gauge, now monitor.Sample, class string) line {
	return line{Name: g.Name, Title: g.Title, Unit: g.Unit, Now: g.Unit.write(g.of(now)), Class: class}
}

func newest(samples []monitor.Sample) monitor.Sample {
	if len(samples) == 0 {
		return monitor.Sample{}
	}
	return samples[len(samples)-1]
}

func highest(samples []monitor.Sample, g gauge) float64 {
	top := 0.0
	for _, s := range samples {
		if n := g.of(s); n > top { // and a number
			top = n
		}
	}
	return top
}

// The drawing without scripts is sparkWidth by sparkHeight, one step every
// sparkStep seconds, at which the highest sample of the step stands.
const (
	sparkStep   = 6
	sparkWidth  = monitor.Kept / sparkStep
	sparkHeight = 40
)

// sparkline is the points attribute of a line. The newest sample is at the right.
func sparkline(samples []monitor.Sample, g gauge, top float64) template.HTMLAttr {
	var b strings.Builder
	b.WriteString(`points="`)
	for at := len(samples) % sparkStep; at+sparkStep <= len(samples); at += sparkStep {
		x := sparkWidth - (len(samples)-at)/sparkStep + 1
		y := float64(sparkHeight)
		if top > 0 {
			y -= highest(samples[at:at+sparkStep], g) / top * (sparkHeight - 2)
		}
		b.WriteString(strconv.Itoa(x) + "," + strconv.FormatFloat(y, 'f', 1, 64) + " ")
	}
	return template.HTMLAttr(strings.TrimRight(b.String(), " ") + `"`)
}
