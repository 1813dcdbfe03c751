package main

import (
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// The whole way with the real product. The quiet is longer than a round of
// its sweeper, since only what is swept makes room.
func TestRunFlood(t *testing.T) {
	t.Parallel()
	opt := defaultFloodOptions()
	opt.cap, opt.idle, opt.hold, opt.quiet = 100, 3*time.Second, 200*time.Millisecond, 11*time.Second
	opt.every, opt.connections = 100*time.Millisecond, 4
	rep, err := runFlood(t.Context(), opt, testTrial(t))
	if err != nil {
		t.Fatal(err)
	}
	if bad := rep.complaints(); len(bad) > 0 {
		t.Errorf("complaints = %q; want none", bad)
	}
	if rep.Created < 99 || rep.Refused == 0 || rep.Checked < 2 || rep.Recreated != 99 {
		t.Errorf("report = %+v; want 99 created, some refused, some checked, 99 created again", rep)
	}
	rep.print(t.Output())
	checkDrawn(t, rep, "flood.svg", "flood-visitor.svg")
}

// A flood of a server that refuses nobody ends by itself.
func TestWave_EndsWithoutACap(t *testing.T) {
	w := newWave(floodOptions{cap: 1 << 30, idle: 100 * time.Millisecond, connections: 2}, serve(t, memoryPeer()))
	if err := w.run(t.Context()); err != nil || w.created.Load() == 0 || w.wrong.Load()+w.errors.Load() != 0 {
		t.Errorf("run = %v, %d created; want some, and an end", err, w.created.Load())
	}
	if took := time.Since(w.began); took > 20*time.Second {
		t.Errorf("run took %s; want about the idle timeout", took)
	}
	if len(w.kept) == 0 || len(w.kept) > int(w.created.Load()) {
		t.Errorf("%d ids kept of %d", len(w.kept), w.created.Load())
	}
}

// Each kind of answer to a creation, with room and without.
func TestWave_Judges(t *testing.T) {
	session := func(c *fiber.Ctx) error {
		c.Set("Set-Cookie", "sessionid=a; Max-Age=20")
		return c.SendString(createdMarker)
	}
	refusal := func(c *fiber.Ctx) error {
		c.Set("Retry-After", "1")
		return c.SendStatus(fiber.StatusServiceUnavailable)
	}
	for name, test := range map[string]struct {
		answer                  fiber.Handler
		before                  int64 // created so far
		created, refused, wrong int64
	}{
		"a session":                {session, 0, 1, 0, 0},
		"refused at the cap":       {refusal, 99, 0, 1, 0},
		"refused with the rest":    {refusal, 95, 0, 1, 0}, // 4 connections and the visitor
		"refused while there room": {refusal, 94, 0, 0, 1},
		"no Retry-After":           {func(c *fiber.Ctx) error { return c.SendStatus(503) }, 99, 0, 0, 1},
		"an error":                 {func(c *fiber.Ctx) error { return c.SendStatus(500) }, 0, 0, 0, 1},
		"no cookie":                {func(c *fiber.Ctx) error { return c.SendString(createdMarker) }, 0, 0, 0, 1},
		"another page":             {func(c *fiber.Ctx) error { c.Set("Set-Cookie", "sessionid=a"); return nil }, 0, 0, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			app := newPeerApp()
			app.Get("/set/", test.answer)
			url := serve(t, app)
			w := newWave(floodOptions{cap: 100, idle: time.Minute, connections: 4}, url)
			w.began = time.Now()
			w.created.Store(test.before)
			req := &fasthttp.Request{}
			req.SetRequestURI(url + "/set/")
			w.create(newHTTPClient(strings.TrimPrefix(url, "http://"), 1), req, &fasthttp.Response{})
			if got := w.created.Load() - test.before; got != test.created || w.refused.Load() != test.refused || w.wrong.Load() != test.wrong {
				t.Errorf("created %d, refused %d, wrong %d (%s); want %d, %d, %d", got, w.refused.Load(), w.wrong.Load(), w.first,
					test.created, test.refused, test.wrong)
			}
		})
	}
}

// goodFlood is a report without a complaint.
func goodFlood() floodReport {
	at := func(phase string, rss, file int64) floodSample {
		return floodSample{sample: sample{RSS: rss << 20, File: file << 20}, Phase: phase, Live: true, Ready: true}
	}
	return floodReport{
		Cap: 1000, IdleSec: 20, HoldSec: 5, FullSec: 3, Created: 999, Refused: 10, Checked: 20, Recreated: recreated,
		Samples: []floodSample{at(phaseFlood, 50, 10), at(phaseFlood, 100, 20), at(phaseQuiet, 120, 24), at(phaseQuiet, 120, 20)},
	}
}

func TestFloodReport_Complaints(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*floodReport)
		want   string
	}{
		"good":             {func(*floodReport) {}, ""},
		"wrong":            {func(r *floodReport) { r.Wrong, r.FirstWrong = 1, "status 500" }, "status 500"},
		"no answer":        {func(r *floodReport) { r.Errors = 2 }, "2 requests without"},
		"never full":       {func(r *floodReport) { r.Refused, r.FullSec = 0, 0 }, "was not reached"},
		"too many":         {func(r *floodReport) { r.Created = 1000 }, "1000 sessions created where 999 fit"},
		"expired meantime": {func(r *floodReport) { r.Created, r.FullSec = 2000, 16 }, ""},
		"still live":       {func(r *floodReport) { r.StillLive = 1 }, "1 of 20 flooded"},
		"none checked":     {func(r *floodReport) { r.Checked = 0 }, "no flooded session"},
		"no room again":    {func(r *floodReport) { r.Recreated-- }, "only 99 of 100"},
		"visitor lost":     {func(r *floodReport) { r.Samples[1].Live = false }, "the visitor did not"},
		"not ready":        {func(r *floodReport) { r.Samples[3].Ready = false }, "/readyz was not 200 in 1 of 4"},
		"memory grows":     {func(r *floodReport) { r.Samples[3].RSS = 140 << 20 }, "memory grew"},
		"file by a step":   {func(r *floodReport) { r.Samples[3].File = 42 << 20 }, ""},
		"file grows":       {func(r *floodReport) { r.Samples[3].File = 43 << 20 }, "the file grew"},
		"crash":            {func(r *floodReport) { r.Crash, r.Wrong = "panic: x", 9 }, "panic: x"},
	} {
		r := goodFlood()
		test.change(&r)
		checkComplaints(t, name, r, test.want)
	}
}

func TestVisitor(t *testing.T) {
	m := &mixedServer{}
	v, err := newVisitor(serve(t, m.app()))
	if err != nil {
		t.Fatal(err)
	}
	if took, good := v.look(); !good || took <= 0 {
		t.Errorf("look = %v, %t; want the page", took, good)
	}
	if v.ready() {
		t.Error("ready = true; want false where there is no /readyz")
	}
	m.live = map[string]bool{}
	if _, good := v.look(); good {
		t.Error("look is good after the session was lost")
	}
}
