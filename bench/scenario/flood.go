package scenario

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
)

const measureFlood = "flood"

// recreated is the number of sessions that are created after the quiet.
const recreated = 100

// Limits of memory and file in the quiet, compared with their maximum in the flood. In the
// quiet the file records which sessions ended, 34 bytes each.
const (
	floodGrowth = 1.1
	memorySlack = 4 << 20  // for small caps
	growthStep  = 16 << 20 // bbolt grows the file by this, see DB.AllocSize
)

// floodScenario has a cap that any machine reaches before sessions expire, after 20 s.
func floodScenario() Scenario {
	return Scenario{
		Name:     "flood",
		About:    "creations up to --max-sessions, then quiet",
		Defaults: func(o *Options) { o.Cap, o.Hold, o.Quiet, o.Connections = 100_000, 5*time.Second, 2*o.Idle, 256 },
		Flags:    "cap idle hold quiet every connections results",
		Check: func(o *Options) error {
			switch {
			case o.Idle > time.Hour:
				return fmt.Errorf("-idle %s is longer than 1h", o.Idle)
			case o.Quiet <= o.Idle:
				return fmt.Errorf("-quiet %s is not longer than -idle %s", o.Quiet, o.Idle)
			case o.Every > o.Idle/2:
				return fmt.Errorf("-every %s is longer than half of -idle", o.Every)
			}
			return nil
		},
		Run: runFlood, Show: showFlood,
	}
}

func showFlood(o *Options, r *report.Report) {
	r.About.Add("%d connections create sessions up to the cap of %d, go on for %s, then %s of quiet; idle timeout %s", o.Connections, o.Cap, o.Hold, o.Quiet, o.Idle)
	yes := func(figure string) func(report.Summary) string {
		return func(s report.Summary) string { return strconv.FormatBool(s.Median(figure) > 0) }
	}
	r.Tables = []report.Table{{Title: "flood, then quiet", Measure: measureFlood, Subject: "second", Columns: seriesColumns(
		report.Column{Title: "created", Figure: "created"}, report.Column{Title: "refused", Figure: "refused"},
		report.Column{Title: "visitor ms", Figure: "visitor_ms", Digits: 2},
		report.Column{Title: "live", Text: yes("live")}, report.Column{Title: "ready", Text: yes("ready")}, report.Column{Title: "quiet", Text: yes("quiet")})}}
	subtitle := fmt.Sprintf("cap of %s sessions, %s at the cap, then quiet", report.Number(float64(o.Cap)), o.Hold)
	flood := report.OverTime("flood.svg", "Flood of creations, then quiet", subtitle, measureFlood)
	flood.YTitles = append(flood.YTitles, "sessions created")
	flood.Lines = append(flood.Lines, report.Line{Name: "created (right)", Figure: "created", Right: true})
	r.Charts = []report.Chart{flood}
}

// A flood is one run of the scenario.
type flood struct {
	*Bench
	srv                      peer.Server
	wave                     *wave
	visitor                  *load.Conn // refreshes one session at each sample
	session                  string     // the visitor's
	began                    time.Time
	checked, live, recreated int
}

// runFlood floods a fresh product, waits, and checks what is left.
func runFlood(ctx context.Context, b *Bench) error {
	flags := []string{"--max-sessions", strconv.Itoa(b.Cap), "--idle-timeout", b.Idle.String()}
	f := &flood{Bench: b}
	_, err := b.life(ctx, b.dir, flags, func(ctx context.Context, srv peer.Server) error {
		f.srv, f.wave = srv, newWave(b.Options, srv.URL)
		return f.run(ctx)
	})
	if err == nil {
		f.judge()
	}
	return err
}

func (f *flood) run(ctx context.Context) (err error) {
	f.visitor = load.Dial(f.srv.URL)
	defer f.visitor.Close()
	if f.session, err = f.visitor.Create(); err != nil {
		return err
	}
	f.began = time.Now()
	if err := beside(ctx, f.Every, func() error { return f.take(0) }, f.wave.run); err != nil {
		return err
	}
	err = beside(ctx, f.Every, func() error { return f.take(1) }, func(ctx context.Context) error { return sleep(ctx, f.Quiet) })
	if err != nil {
		return err
	}
	return f.aftermath()
}

// take takes one sample: of the server, the wave and the visitor.
func (f *flood) take(quiet float64) error {
	figures, err := f.sample(f.srv, measureFlood, f.began)
	if err != nil {
		return err
	}
	took, err := f.visitor.Get("/get/", f.session)
	created, refused := f.wave.counts()
	figures["live"] = oneIf(err == nil && f.visitor.Judge(load.Live()) == load.Good)
	figures["ready"] = oneIf(f.srv.Ready())
	figures["quiet"], figures["visitor_ms"] = quiet, milliseconds(took)
	figures["created"], figures["refused"] = float64(created), float64(refused)
	return nil
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// aftermath checks that the flooded sessions are gone and that there is room for new ones.
func (f *flood) aftermath() error {
	for _, id := range f.wave.kept {
		state, err := f.visitor.Peek(id)
		if err != nil {
			return err
		}
		f.checked++
		if state == load.StateLive {
			f.live++
		}
	}
	for range min(recreated, f.Cap-1) {
		if _, err := f.visitor.Create(); err == nil {
			f.recreated++
		}
	}
	return nil
}

func (f *flood) judge() {
	r, w := f.Report, f.wave
	created, refused := w.counts()
	expected := min(recreated, f.Cap-1)
	r.Blame(w.creations.Wrong > 0, "%d wrong answers; the first: %s", w.creations.Wrong, w.first)
	r.Blame(w.creations.Errors > 0, "%d requests without an answer", w.creations.Errors)
	r.Blame(refused == 0, "%d sessions were not reached in %s (%d created); choose a smaller -cap or a longer -idle", f.Cap, f.Idle, created)
	// This holds only while none of them can have expired.
	r.Blame(w.full+f.Hold < f.Idle && created > int64(f.Cap-1), "%d sessions created where %d fit beside the visitor's", created, f.Cap-1)
	r.Blame(f.live > 0, "%d of %d flooded sessions are still live", f.live, f.checked)
	r.Blame(f.checked == 0, "no flooded session was checked after the quiet")
	r.Blame(f.recreated < expected, "only %d of %d creations worked after the quiet", f.recreated, expected)
	f.judgeSamples()
	r.Facts.Add("cap reached after %.2f s; %d created (%s), %d refused (%s), %d wrong, %d errors",
		w.full.Seconds(), created, w.creations.Latency(), refused, w.refusals.Latency(), w.creations.Wrong, w.creations.Errors)
	r.Facts.Add("after the quiet: %d of %d flooded sessions live, %d new ones created", f.live, f.checked, f.recreated)
}

// judgeSamples looks for a lost session, a server that is not ready, and growth in the quiet.
func (f *flood) judgeSamples() {
	samples := f.Report.Of(measureFlood)
	lost, unready := 0.0, 0.0
	for _, m := range samples {
		lost, unready = lost+1-m.Figures["live"], unready+1-m.Figures["ready"]
	}
	f.Report.Blame(lost > 0, "the visitor's session was not live in %.0f of %d samples", lost, len(samples))
	f.Report.Blame(unready > 0, "/readyz was not 200 in %.0f of %d samples", unready, len(samples))
	flat := func(name, figure string, slack float64) {
		during, after := most(samples, figure)
		f.Report.Blame(after > during*floodGrowth+slack, "%s grew in the quiet, from %.1f to %.1f MiB", name, during/report.MiB, after/report.MiB)
	}
	flat("memory", report.Memory, memorySlack)
	flat("the file", report.File, growthStep)
}

// most returns the largest figure of the flood, with the first sample after it, and of the
// rest of the quiet.
func most(samples []report.Measurement, figure string) (during, after float64) {
	first := true
	for _, m := range samples {
		if m.Figures["quiet"] == 0 || first && m.Figures["quiet"] == 1 {
			first = m.Figures["quiet"] == 0
			during = max(during, m.Figures[figure])
			continue
		}
		after = max(after, m.Figures[figure])
	}
	return during, after
}
