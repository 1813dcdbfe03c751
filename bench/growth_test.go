package main

import (
	"context"
	"testing"
	"time"
)

// The whole way with the real product. The rate is nothing for any machine.
func TestRunGrowth(t *testing.T) {
	t.Parallel()
	opt := defaultGrowthOptions()
	opt.duration, opt.every, opt.rate, opt.sessions, opt.connections = time.Second, 100*time.Millisecond, 100, 50, 4
	rep, err := runGrowth(t.Context(), opt, testTrial(t))
	if err != nil {
		t.Fatal(err)
	}
	if rep.Load.Good != 100 || !rep.Load.flawless() || rep.Start == 0 || len(rep.Samples) < 2 {
		t.Errorf("report = %+v; want 100 good answers and samples", rep)
	}
	rep.print(t.Output())
	checkDrawn(t, rep, "growth.svg")
}

func TestGrowthReport_Complaints(t *testing.T) {
	files := func(sizes ...int64) []sample {
		var list []sample
		for _, size := range sizes {
			list = append(list, sample{File: size << 20})
		}
		return list
	}
	good := result{Good: 1000, Seconds: 1}
	for name, test := range map[string]struct {
		load    result
		samples []sample
		want    string
	}{
		"good":         {good, files(10, 30, 30, 30), ""},
		"too large":    {good, files(10, 31, 31, 31), "3.10 times its size"},
		"not flat":     {good, files(10, 10, 10, 12), "the file grew: at most 10.0 MiB"},
		"too slow":     {result{Good: 979, Seconds: 1}, files(10, 10), "only 979 touches/s"},
		"some expired": {result{Good: 1000, Expired: 1, Seconds: 1}, files(10, 10), "1 expired"},
	} {
		checkComplaints(t, name, growthReport{Rate: 1000, Start: 10 << 20, Load: test.load, Samples: test.samples}, test.want)
	}
}

func TestPacer(t *testing.T) {
	p := pacer{began: time.Now().Add(-time.Second), pace: pace{1000}, last: 3000}
	for i, want := range map[int64]bool{0: true, 999: true, 2999 + 1: false} {
		if got := p.wait(t.Context(), i); got != want {
			t.Errorf("wait(%d) = %t; want %t", i, got, want)
		}
	}
	if !p.wait(t.Context(), 1100) || time.Since(p.began) < 1100*time.Millisecond {
		t.Errorf("wait(1100) returned %s after the beginning; want 1.1 s or more", time.Since(p.began))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p.wait(ctx, 0) {
		t.Error("wait with a context that is done = true; want false")
	}
}
