package console

import (
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"pagesession/internal/monitor"
)

// A span is a stretch of time that the charts can show.
type span struct {
	Title, URL, Each string        // Each is what one value covers
	Long             time.Duration // from the newest sample back
	Idle             time.Duration // a line breaks where nothing was measured for longer, as in dashboard.js
	Day              bool          // the samples are those of the day
	Current          bool
}

// spanParameter selects a span.
const spanParameter = "span"

// spans are the spans, with the one of an address marked; the first one is the default.
func spans(r *request) []span {
	all := []span{
		quarter(),
		{Title: "24 hours", URL: "/admin/?" + spanParameter + "=24h", Each: "two minutes", Long: 24 * time.Hour, Idle: 3 * monitor.DayStep / 2, Day: true},
	}
	at := 0
	if r.query(spanParameter) == "24h" {
		at = 1
	}
	all[at].Current = true
	return all
}

// quarter is the span of 15 minutes.
func quarter() span {
	return span{Title: "15 minutes", URL: "/admin/", Each: "one second", Long: monitor.Kept * monitor.Interval, Idle: 10 * time.Second}
}

// current returns the span that is shown.
func current(all []span) span {
	return all[slices.IndexFunc(all, func(s span) bool { return s.Current })]
}

// A chart shows figures of one unit together.
type chart struct {
	Title string
	Says  string // what its lines are, where their titles do not say it
	Unit  monitor.Unit
	Lines []line

	top float64 // of its lines
}

// figureSays are sentences for the charts of figures.
var figureSays = map[string]string{
	"commit99":   "Half of them take less than “typical”, and one in a hundred takes more than “slow”.",
	"flush":      "A change is saved at once, visits together a moment later.",
	"call99":     "Half of the calls take less than “typical”, and one in a hundred takes more than “slow”.",
	"waiting":    "Changes wait until they are on disk.",
	"goroutines": "Tasks are what this server does at the same time.",
}

// A line is a figure on a chart.
type line struct {
	monitor.Figure
	Now   string
	Class string            // which gives it its colour
	Path  template.HTMLAttr // of its drawing without scripts

	index int // among the figures
}

// boardOf returns the board of a session server, or of a file: the newest numbers, and charts of a span.
func boardOf(newest, samples []monitor.Sample, shown span, server bool) *board {
	b := &board{Span: shown}
	samples = monitor.InOrder(samples)
	charts := map[string]*chart{}
	for i, f := range monitor.Figures {
		b.Names += " " + f.Name
		l := line{Figure: f, index: i}
		if !f.Of(server) {
			continue
		}
		if f.Tile {
			l.Now = latest(newest, i)
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
		l.Now, l.Class = latest(samples, i), "c"+strconv.Itoa(len(c.Lines)+1)
		c.Says = strings.TrimSpace(c.Says + " " + figureSays[f.Name])
		c.Lines, c.top = append(c.Lines, l), max(c.top, highest(samples, i))
	}
	b.Names = strings.TrimSpace(b.Names)
	for _, c := range b.Charts {
		for i := range c.Lines {
			c.Lines[i].Path = outline(inColumns(samples, c.Lines[i].index, shown), c.top)
		}
	}
	return b
}

// latest writes a figure of the newest sample; a dash if there is none.
func latest(samples []monitor.Sample, figure int) string {
	if len(samples) == 0 {
		return write(math.NaN(), monitor.Number)
	}
	return write(samples[len(samples)-1].Values[figure], monitor.Figures[figure].Unit)
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

// The drawing without scripts is sparkWidth by sparkHeight.
const (
	sparkWidth  = 150
	sparkHeight = 40
)

// A point is the highest sample of a column.
type point struct {
	column int
	value  float64
	begins bool // there is no line to it
}

// inColumns returns the points of a figure, the newest in the last column.
func inColumns(samples []monitor.Sample, figure int, shown span) []point {
	var all []point
	var before time.Time
	for _, s := range samples {
		value, column := s.Values[figure], sparkWidth-int(samples[len(samples)-1].At.Sub(s.At)/(shown.Long/sparkWidth))
		if math.IsNaN(value) || column < 0 {
			continue
		}
		begins := len(all) == 0 || s.At.Sub(before) > shown.Idle
		if last := len(all) - 1; !begins && all[last].column == column {
			all[last].value = max(all[last].value, value)
		} else {
			all = append(all, point{column, value, begins})
		}
		before = s.At
	}
	return all
}

// outline is the attribute d of the line through points. A point that is alone is a line without
// length, which browsers draw as a dot.
func outline(points []point, top float64) template.HTMLAttr {
	var b strings.Builder
	b.WriteString(`d="`)
	for _, p := range points {
		y := float64(sparkHeight)
		if top > 0 {
			y -= p.value / top * (sparkHeight - 2)
		}
		at := strconv.Itoa(p.column) + "," + strconv.FormatFloat(y, 'f', 1, 64)
		if p.begins {
			b.WriteString("M" + at + "h0")
		} else {
			b.WriteString("L" + at)
		}
	}
	return template.HTMLAttr(b.String() + `"`)
}
