package scenario

import (
	"errors"
	"testing"
	"time"

	"pagesession/bench/report"
)

// This runs the whole scenario with the real product, with fewer streams.
func TestStreams(t *testing.T) {
	t.Parallel()
	r := runTest(t, streamsScenario(), func(o *Options) { o.Sessions, o.Window = 2000, 2*time.Second })
	wantGood(t, r)
	if len(r.Measurements) != 1 || r.Measurements[0].Figures[delayMS] <= 0 || r.Measurements[0].Figures[eachBytes] <= 0 {
		t.Errorf("measurements = %v; want one, with how late an end was told and the memory of a stream", r.Measurements)
	}
}

func TestJudge_Streams(t *testing.T) {
	for name, test := range map[string]struct {
		figures  report.Figures
		generous bool
		wrong    error
		want     string
	}{
		"good":          {report.Figures{cpuPercent: 5, eachBytes: 16 << 10, delayMS: 3000}, false, nil, ""},
		"dear":          {report.Figures{cpuPercent: 5.1}, false, nil, "take 5.10 % of a core; want at most 5 %"},
		"generous":      {report.Figures{cpuPercent: 15}, true, nil, ""},
		"generous dear": {report.Figures{cpuPercent: 15.1}, true, nil, "take 15.10 % of a core; want at most 15 %"},
		"large":         {report.Figures{eachBytes: 16<<10 + 1}, true, nil, "takes 16385 bytes of memory; want at most 16384"},
		"late":          {report.Figures{delayMS: 3001}, true, nil, "told after 3001 ms; want at most 3s"},
		"broken":        {report.Figures{}, true, errors.New("a line"), "1 streams were wrong; the first: a line"},
	} {
		r := &streamsRun{Bench: &Bench{Options: &Options{Generous: test.generous}, Report: &report.Report{}}, crowd: newStreamCrowd("")}
		if test.wrong != nil {
			r.crowd.blame(test.wrong)
		}
		r.judge(test.figures)
		checkBad(t, name, r.Report, test.want)
	}
}
