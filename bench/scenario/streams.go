package scenario

import (
	"context"
	"fmt"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
)

const measureStreams = "streams"

// Limits of the streams that tell browsers of their session's end.
const (
	streamCPU = 5.0 // percent of one core while all are open, heartbeats included
	// streamCPUGenerous is for busy machines and those where memory that was idle is slow to
	// touch: on one, the same binary took 1.5 to 6 times what it took on another.
	streamCPUGenerous = 15.0
	streamMemory      = 16 << 10 // bytes of the server for each
	streamDelay       = 3 * time.Second
)

// streamEnds is how many sessions end one by one while all streams are open.
const streamEnds = 100

// Figures of the open streams.
const (
	cpuPercent  = "cpu_percent"
	eachBytes   = "bytes_each"
	delayMS     = "delay_ms"
	openPerCore = "opened_per_second"
)

func streamsScenario() Scenario {
	return Scenario{
		Name:     "streams",
		About:    "browsers that wait for the end of their session",
		Defaults: func(o *Options) { o.Sessions, o.Window = 10_000, 10*time.Second },
		Flags:    "sessions window seed generous results",
		Check: func(o *Options) error {
			if o.Sessions > maxStreams {
				return fmt.Errorf("-sessions %d is more than %d: each stream takes a port of the client's address", o.Sessions, maxStreams)
			}
			return nil
		},
		Run: runStreams,
		Show: func(o *Options, r *report.Report) {
			r.About.Add("%d sessions with one stream each, plain HTTP; %s in which nothing but heartbeats happens; then %d ends, one by one", o.Sessions, o.Window, min(streamEnds, o.Sessions))
			r.Tables = []report.Table{{Title: "the server's own cost", Measure: measureStreams, Subject: "streams", Columns: []report.Column{
				{Title: "% of a core", Figure: cpuPercent, Digits: 2}, {Title: "KiB of memory each", Figure: eachBytes, Digits: 1, Unit: 1 << 10},
				{Title: "an end is told after ms", Figure: delayMS, Digits: 2}, {Title: "opened/s", Figure: openPerCore},
			}}}
		},
	}
}

// maxStreams is less than the ports from which Linux chooses, 28,232.
const maxStreams = 20_000

// A streamsRun is one run of the scenario.
type streamsRun struct {
	*Bench
	srv   peer.Server
	crowd *streamCrowd
}

// runStreams opens all streams, waits, and ends the sessions.
func runStreams(ctx context.Context, b *Bench) error {
	ids, err := b.writeSessions(ctx, b.dir, b.Sessions, peer.LongLife())
	if err != nil {
		return err
	}
	_, err = b.life(ctx, b.dir, nil, func(ctx context.Context, srv peer.Server) error {
		r := &streamsRun{Bench: b, srv: srv, crowd: newStreamCrowd(srv.URL)}
		defer r.crowd.close()
		return r.run(ctx, ids)
	})
	return err
}

func (r *streamsRun) run(ctx context.Context, ids []string) error {
	before, err := r.srv.Usage()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := r.crowd.open(ctx, ids); err != nil {
		return err
	}
	figures := report.Figures{openPerCore: float64(len(ids)) / time.Since(began).Seconds()}
	if err := r.quiet(ctx, before, figures); err != nil {
		return err
	}
	if err := r.end(ctx, ids, figures); err != nil {
		return err
	}
	r.Report.Measurements = append(r.Report.Measurements, report.Measurement{Measure: measureStreams, Subject: fmt.Sprint(len(ids)), Figures: figures})
	r.judge(figures)
	return nil
}

// quiet measures the server while nothing but heartbeats happens.
func (r *streamsRun) quiet(ctx context.Context, before peer.Usage, figures report.Figures) error {
	if err := sleep(ctx, settleTime); err != nil {
		return err
	}
	idle, err := r.srv.Usage()
	if err != nil {
		return err
	}
	beats, began := r.crowd.beats.Load(), time.Now()
	if err := sleep(ctx, r.Window); err != nil {
		return err
	}
	after, err := r.srv.Usage()
	if err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	figures[cpuPercent] = 100 * (after.CPU - idle.CPU).Seconds() / took
	figures[eachBytes] = float64(after.RSS-before.RSS) / float64(r.Sessions)
	rate := float64(r.crowd.beats.Load()-beats) / took
	r.Report.Facts.Add("%.0f heartbeats a second; the server's memory %.1f MiB without and %.1f MiB with the streams", rate, float64(before.RSS)/report.MiB, float64(after.RSS)/report.MiB)
	r.Report.Blame(rate == 0 && r.Window >= 5*time.Second, "no heartbeat came")
	return nil
}

// end ends some sessions one by one, and then stops the server.
func (r *streamsRun) end(ctx context.Context, ids []string, figures report.Figures) error {
	visitor := load.Dial(r.srv.URL)
	defer visitor.Close()
	for _, id := range ids[:min(streamEnds, len(ids))] {
		began := time.Now()
		if _, err := visitor.Do("POST", "/del/", id); err != nil {
			return err
		}
		heard, err := r.crowd.ended(ctx, id)
		if err != nil {
			return err
		}
		figures[delayMS] = max(figures[delayMS], milliseconds(heard.Sub(began)))
	}
	r.crowd.stops.Store(true)
	began := time.Now()
	if err := r.srv.Stop(); err != nil {
		return fmt.Errorf("stop the server: %w%s", err, r.srv.LastWords())
	}
	r.Report.Facts.Add("with the streams open, the server stopped in %.0f ms", milliseconds(time.Since(began)))
	return nil
}

// judge compares the figures with the limits.
func (r *streamsRun) judge(f report.Figures) {
	most := streamCPU
	if r.Generous {
		most = streamCPUGenerous
	}
	r.Report.Blame(f[cpuPercent] > most, "the open streams take %.2f %% of a core; want at most %g %%", f[cpuPercent], most)
	r.Report.Blame(f[eachBytes] > streamMemory, "a stream takes %.0f bytes of memory; want at most %d", f[eachBytes], streamMemory)
	r.Report.Blame(f[delayMS] > milliseconds(streamDelay), "an end was told after %.0f ms; want at most %s", f[delayMS], streamDelay)
	n, first := r.crowd.mistakes()
	r.Report.Blame(n > 0, "%d streams were wrong; the first: %v", n, first)
}
