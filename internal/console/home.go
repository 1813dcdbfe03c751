package console

import (
	"html/template"
	"strconv"
	"strings"

	"pagesession/internal/account"
	"pagesession/internal/monitor"
)

// homePage is the dashboard; Board is nil without the permission to view sessions.
type homePage struct {
	frame
	Recent   []entryView // what this user did last
	Board    *board
	Troubles troubles
}

// recentActions is how many of a user's own actions the dashboard shows.
const recentActions = 10

// home answers GET /admin/.
func (s *console) home(r *request) error {
	p := &homePage{frame: s.frame(r, "Dashboard"), Troubles: s.troubles()}
	p.Crumbs = nil // this is where they begin
	recent, err := s.Accounts.Recent(r.UserContext(), r.user.ID, recentActions)
	if err != nil {
		return err
	}
	if p.Recent, err = s.entryViews(r, recent); err != nil {
		return err
	}
	if r.user.Can(account.ViewSession) {
		samples, _ := s.Monitor.After(0)
		p.Board = boardOf(samples, s.Visitors.ByPosition())
	}
	return s.render(r, "home", p)
}

// A board has everything in monitor.Figures as it shows without scripts.
type board struct {
	Tiles  []line
	Charts []*chart
	Names  string // of the figures, in the order of the stream
}

// A chart shows figures of one unit together, over the last 15 minutes.
type chart struct {
	Title string
	Unit  monitor.Unit
	Lines []line

	top float64 // of its lines
}

// A line is a figure on a chart.
type line struct {
	monitor.Figure
	Now    string
	Class  string // which gives it its colour
	Points template.HTMLAttr

	index int // among the figures
}

// boardOf returns the board of a session server, or of a file.
func boardOf(samples []monitor.Sample, server bool) *board {
	b, newest := new(board), monitor.SampleOf(monitor.Counters{}, monitor.Counters{}, monitor.Interval)
	if len(samples) > 0 {
		newest = samples[len(samples)-1]
	}
	charts := map[string]*chart{}
	for i, f := range monitor.Figures {
		b.Names += " " + f.Name
		l := line{Figure: f, Now: write(newest.Values[i], f.Unit), index: i}
		if !f.Of(server) {
			continue
		}
		if f.Tile {
			b.Tiles = append(b.Tiles, l)
		}
		if f.Chart == "" {
			continue
		}
		c := charts[f.Chart]
		if c == nil {
			c = &chart{Title: f.Chart, Unit: f.Unit}
			charts[f.Chart], b.Charts = c, append(b.Charts, c)
		}
		l.Class = "c" + strconv.Itoa(len(c.Lines)+1)
		c.Lines, c.top = append(c.Lines, l), max(c.top, highest(samples, i))
	}
	b.Names = strings.TrimSpace(b.Names)
	for _, c := range b.Charts {
		for i := range c.Lines {
			c.Lines[i].Points = sparkline(samples, c.Lines[i].index, c.top)
		}
	}
	return b
}

func highest(samples []monitor.Sample, figure int) float64 {
	top := 0.0
	for _, s := range samples {
		if n := s.Values[figure]; n > top { // never true for NaN
			top = n
		}
	}
	return top
}

// The drawing without scripts is sparkWidth by sparkHeight. A step covers sparkStep
// seconds and shows their highest sample.
const (
	sparkStep   = 6
	sparkWidth  = monitor.Kept / sparkStep
	sparkHeight = 40
)

// sparkline is the points attribute of a line. The newest sample is at the right.
func sparkline(samples []monitor.Sample, figure int, top float64) template.HTMLAttr {
	var b strings.Builder
	b.WriteString(`points="`)
	for at := len(samples) % sparkStep; at+sparkStep <= len(samples); at += sparkStep {
		x := sparkWidth - (len(samples)-at)/sparkStep + 1
		y := float64(sparkHeight)
		if top > 0 {
			y -= highest(samples[at:at+sparkStep], figure) / top * (sparkHeight - 2)
		}
		b.WriteString(strconv.Itoa(x) + "," + strconv.FormatFloat(y, 'f', 1, 64) + " ")
	}
	return template.HTMLAttr(strings.TrimRight(b.String(), " ") + `"`)
}
