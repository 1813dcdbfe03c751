package main

import (
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"
)

// A consoleReport is what `go run ./bench console` found.
type consoleReport struct {
	heading
	Sessions    int              `json:"sessions"`
	Rounds      int              `json:"rounds"`
	WindowSec   float64          `json:"window_seconds"`
	Connections int              `json:"connections"`
	Dashboards  int              `json:"dashboards"`
	NoFloors    bool             `json:"no_floors,omitempty"`
	States      []consoleSummary `json:"states"`
	Load        result           `json:"load"` // all windows, and what is around them
	Windows     []consoleWindow  `json:"windows"`
}

// A consoleSummary is one state's medians. Speed and Cost are the rate and the
// processor time of each window by the mean of the two around it, alone.
type consoleSummary struct {
	State string  `json:"state"`
	Rate  *spread `json:"requests_per_second"`
	CPU   *spread `json:"cpu_us"`
	Speed *spread `json:"rate_by_alone,omitempty"`
	Cost  *spread `json:"cpu_by_alone,omitempty"`
	List  *spread `json:"list_ms,omitempty"`
	Floor float64 `json:"rate_by_alone_at_least,omitempty"`
}

func newConsoleReport(h heading, opt consoleOptions) consoleReport {
	return consoleReport{heading: h, Sessions: opt.sessions, Rounds: opt.rounds, WindowSec: opt.window.Seconds(),
		Connections: opt.connections, Dashboards: opt.dashboards, NoFloors: opt.noFloors}
}

// summarize makes the states of the windows.
func (r *consoleReport) summarize() {
	r.States = nil
	for _, state := range []string{consoleAlone, consoleList, consoleDashboard} {
		r.States = append(r.States, summarizeConsole(state, r.Windows))
	}
	for i := range r.States {
		for _, f := range floorsOf(false, consoleMeasure) {
			if f.peer == r.States[i].State {
				r.States[i].Floor = f.limit
			}
		}
	}
}

func summarizeConsole(state string, windows []consoleWindow) consoleSummary {
	var rate, cpu, speed, cost, list []float64
	for i, w := range windows {
		if w.State != state {
			continue
		}
		rate, cpu = append(rate, w.Rate), append(cpu, w.CPUMicros)
		if w.ListMS > 0 {
			list = append(list, w.ListMS)
		}
		if state == consoleAlone || i+1 == len(windows) {
			continue
		}
		before, after := windows[i-1], windows[i+1]
		if alone := before.Rate + after.Rate; alone > 0 {
			speed = append(speed, 2*w.Rate/alone)
		}
		if x, ok := ratio(2*w.CPUMicros, before.CPUMicros+after.CPUMicros); ok {
			cost = append(cost, x)
		}
	}
	return consoleSummary{State: state, Rate: spreadOrNil(rate), CPU: spreadOrNil(cpu),
		Speed: spreadOrNil(speed), Cost: spreadOrNil(cost), List: spreadOrNil(list)}
}

func (r consoleReport) complaints() []string {
	var list []string
	if !r.Load.flawless() {
		list = append(list, r.Load.counts())
	}
	for _, s := range r.States {
		switch {
		case s.Floor == 0 || r.NoFloors:
		case s.Speed == nil:
			list = append(list, fmt.Sprintf("%s: what it costs was not measured", s.State))
		case s.Speed.Median < s.Floor:
			list = append(list, fmt.Sprintf("%s: visitors have %.3f times the rate, floor %g", s.State, s.Speed.Median, s.Floor))
		}
	}
	return list
}

func (r consoleReport) print(out io.Writer) {
	r.heading.print(out)
	fmt.Fprintf(out, "own client, %d connections all the time, windows of %g s, %d with each kind of work in the console, medians (min..max); %d live sessions; dashboards at once: %d\n\n",
		r.Connections, r.WindowSec, r.Rounds, r.Sessions, r.Dashboards)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "in the window\tGET /get/ requests/s\tserver CPU us/request\trate by alone\tCPU by alone\tlist ms")
	for _, s := range r.States {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", s.State, show(s.Rate, 0), show(s.CPU, 2), s.speed(), show(s.Cost, 3), show(s.List, 0))
	}
	_ = table.Flush()
	fmt.Fprintln(out)
}

// speed is the ratio with its floor.
func (s consoleSummary) speed() string {
	if s.Floor == 0 {
		return "-"
	}
	return fmt.Sprintf("%s, floor %g", show(s.Speed, 3), s.Floor)
}

// charts draws console.svg.
func (r consoleReport) charts(dir string) error {
	c := barChart{chartFrame: chartFrame{title: "Refreshes beside operators",
		subtitle: fmt.Sprintf("%s, %d cores, %s live sessions, own client", r.Machine.CPU, r.Machine.Cores, chartNumber(float64(r.Sessions)))}, unit: "requests/s"}
	for _, s := range r.States {
		if s.Rate != nil {
			c.bars = append(c.bars, bar{name: s.State, value: s.Rate.Median, min: s.Rate.Min, max: s.Rate.Max, highlights: s.State == consoleAlone})
		}
	}
	return writeBarChart(filepath.Join(dir, "console.svg"), c)
}
