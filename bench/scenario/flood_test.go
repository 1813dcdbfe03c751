package scenario

import (
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/bench/load"
	"pagesession/bench/report"
)

// This runs the whole scenario with the real product. The quiet is longer than a
// round of its sweeper, because room comes from swept sessions.
func TestFlood(t *testing.T) {
	t.Parallel()
	r := runTest(t, floodScenario(), func(o *Options) {
		o.Cap, o.Idle, o.Hold, o.Quiet = 100, 3*time.Second, 200*time.Millisecond, 4*time.Second
		o.Every, o.Connections = 100*time.Millisecond, 4
	}, "flood.svg")
	wantGood(t, r)
	if last := r.Measurements[len(r.Measurements)-1].Figures; last["created"] != 99 || last["refused"] == 0 || last["quiet"] != 1 {
		t.Errorf("the last sample is %+v; want 99 created and some refused", last)
	}
}

// A flood ends by itself when the server never refuses.
func TestWave_EndsWithoutACap(t *testing.T) {
	w := newWave(&Options{Cap: 1 << 30, Idle: 100 * time.Millisecond, Connections: 2}, serve(t, (&shop{}).handle))
	if err := w.run(t.Context()); err != nil || w.creations.Good == 0 || w.creations.Failed() != 0 {
		t.Errorf("run = %v, %d created; want some, and an end", err, w.creations.Good)
	}
	if took := time.Since(w.began); took > 20*time.Second {
		t.Errorf("run took %s; want about the idle timeout", took)
	}
	if len(w.kept) == 0 || len(w.kept) > int(w.creations.Good) {
		t.Errorf("%d ids kept of %d", len(w.kept), w.creations.Good)
	}
}

// It tries each kind of answer to a creation, with room and without.
func TestWave_Judges(t *testing.T) {
	answer := func(status int, body, header, value string) fasthttp.RequestHandler {
		return func(c *fasthttp.RequestCtx) {
			c.SetStatusCode(status)
			c.SetBodyString(body)
			c.Response.Header.Set(header, value)
		}
	}
	session, refusal := answer(200, load.CreatedMarker, "Set-Cookie", "sessionid=a; Max-Age=20"), answer(503, "", "Retry-After", "1")
	for name, test := range map[string]struct {
		answer                  fasthttp.RequestHandler
		before                  int64 // created so far
		created, refused, wrong int64
	}{
		"a session":                    {session, 0, 1, 0, 0},
		"refused at the cap":           {refusal, 99, 0, 1, 0},
		"refused with those under way": {refusal, 95, 0, 1, 0}, // 4 connections and the visitor
		"refused while there's room":   {refusal, 94, 0, 0, 1},
		"no Retry-After":               {answer(503, "", "X", "1"), 99, 0, 0, 1},
		"an error":                     {answer(500, "", "X", "1"), 0, 0, 0, 1},
		"no cookie":                    {answer(200, load.CreatedMarker, "X", "1"), 0, 0, 0, 1},
		"another page":                 {answer(200, "", "Set-Cookie", "sessionid=a"), 0, 0, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, test.answer)
			w := newWave(&Options{Cap: 100, Idle: time.Minute, Connections: 4}, url)
			w.began = time.Now()
			w.creations.Good = test.before
			conn := load.Dial(url)
			defer conn.Close()
			w.create(conn)
			if got := w.creations.Good - test.before; got != test.created || w.refusals.Good != test.refused || w.creations.Wrong != test.wrong {
				t.Errorf("created %d, refused %d, wrong %d (%s); want %d, %d, %d", got, w.refusals.Good, w.creations.Wrong, w.first,
					test.created, test.refused, test.wrong)
			}
		})
	}
}

func TestJudge_Flood(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*flood)
		want   string
	}{
		"good":             {func(*flood) {}, ""},
		"wrong":            {func(f *flood) { f.wave.creations.Wrong = 1; f.wave.first = "status 500" }, "status 500"},
		"no answer":        {func(f *flood) { f.wave.creations.Errors = 2 }, "2 requests without"},
		"never full":       {func(f *flood) { f.wave.refusals.Good, f.wave.full = 0, 0 }, "were not reached"},
		"too many":         {func(f *flood) { f.wave.creations.Good = 1000 }, "1000 sessions created where 999 fit"},
		"expired meantime": {func(f *flood) { f.wave.creations.Good, f.wave.full = 2000, 16*time.Second }, ""},
		"still live":       {func(f *flood) { f.live = 1 }, "1 of 20 flooded"},
		"none checked":     {func(f *flood) { f.checked = 0 }, "no flooded session"},
		"no room again":    {func(f *flood) { f.recreated-- }, "only 99 of 100"},
		"visitor lost":     {func(f *flood) { f.Report.Measurements[1].Figures["live"] = 0 }, "visitor's session was not live in 1 of 4"},
		"not ready":        {func(f *flood) { f.Report.Measurements[3].Figures["ready"] = 0 }, "/readyz was not 200 in 1 of 4"},
		"memory grows":     {func(f *flood) { f.Report.Measurements[3].Figures[report.Memory] = 140 << 20 }, "memory grew"},
		"file by a step":   {func(f *flood) { f.Report.Measurements[3].Figures[report.File] = 42 << 20 }, ""},
		"file grows":       {func(f *flood) { f.Report.Measurements[3].Figures[report.File] = 43 << 20 }, "the file grew"},
	} {
		f := goodFlood()
		test.change(f)
		f.judge()
		checkBad(t, name, f.Report, test.want)
	}
}

// goodFlood returns a run in which every check passes.
func goodFlood() *flood {
	o := &Options{Cap: 1000, Idle: 20 * time.Second, Hold: 5 * time.Second, Connections: 4}
	f := &flood{Bench: &Bench{Options: o, Report: &report.Report{}}, wave: newWave(o, ""), checked: 20, recreated: recreated}
	f.wave.creations.Good, f.wave.refusals.Good, f.wave.full = 999, 10, 3*time.Second
	for _, at := range [][3]float64{{0, 50, 10}, {0, 100, 20}, {1, 120, 24}, {1, 120, 20}} {
		f.Report.Measurements = append(f.Report.Measurements, report.Measurement{Measure: measureFlood, Figures: report.Figures{
			"quiet": at[0], report.Memory: at[1] * report.MiB, report.File: at[2] * report.MiB, "live": 1, "ready": 1,
		}})
	}
	return f
}
