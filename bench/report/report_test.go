package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/bench/load"
)

func rated(measure, subject string, rate float64) Measurement {
	m := Measurement{Measure: measure, Subject: subject, Round: 1, Counts: load.Counts{Good: 1}, Figures: Figures{}}
	if rate > 0 {
		m.Figures[Rate] = rate
	}
	return m
}

func reportOf(floors []Floor, list ...Measurement) *Report {
	return &Report{Floors: floors, Measurements: list, Summaries: Summarize(list)}
}

func always(_, _ Summary) bool { return true }

func rateFloor(subject string, limit float64) Floor {
	return Floor{What: "refresh", Measure: "refresh", Figure: Rate, Subject: subject, Limit: limit}
}

func TestSummarize(t *testing.T) {
	first, second, sample := rated("refresh", "ours", 10), rated("refresh", "ours", 30), rated("flood", "1", 5)
	second.Round, second.Counts.Wrong, second.Crashes = 2, 1, []Crash{{After: 3}}
	sample.Round = 0
	sums := Summarize([]Measurement{first, rated("create", "ours", 7), second, sample, sample})
	if len(sums) != 4 {
		t.Fatalf("%d summaries; want ours twice and each sample", len(sums))
	}
	if s := sums[0]; s.Median(Rate) != 20 || s.Rounds != 2 || s.Counts.Good != 2 || s.Counts.Wrong != 1 || len(s.Crashes) != 1 || s.Flawless() {
		t.Errorf("summary = %+v; want both rounds, with the wrong answer and the crash", s)
	}
}

func TestCompareAll(t *testing.T) {
	floors := []Floor{rateFloor("memory", 2), rateFloor("stock", 10)}
	for name, test := range map[string]struct {
		list []Measurement
		want string
	}{
		"reached":                          {[]Measurement{rated("refresh", "ours", 100), rated("refresh", "memory", 50), rated("refresh", "page", 200)}, "refresh against memory: 2 times, floor at least 2; refresh against page: 0.5 times"},
		"missed":                           {[]Measurement{rated("refresh", "ours", 100), rated("refresh", "stock", 20)}, "refresh against stock: 5 times, MISSED at least 10"},
		"another measure has other floors": {[]Measurement{rated("create", "ours", 100), rated("create", "stock", 20)}, "create against stock: 5 times"},
		"measures are not mixed":           {[]Measurement{rated("refresh", "ours", 100), rated("create", "stock", 20)}, ""},
		"the peer has no rate":             {[]Measurement{rated("refresh", "ours", 100), rated("refresh", "stock", 0)}, ""},
		"ours has no rate":                 {[]Measurement{rated("refresh", "ours", 0), rated("refresh", "stock", 1)}, ""},
		"ours did not run":                 {[]Measurement{rated("refresh", "memory", 100)}, ""},
	} {
		r := reportOf(floors, test.list...)
		r.CompareAll("refresh", Rate, "ours", always)
		r.CompareAll("create", Rate, "ours", always)
		var got []string
		for _, c := range r.Comparisons {
			got = append(got, c.String())
		}
		if strings.Join(got, "; ") != test.want {
			t.Errorf("%s: comparisons %q; want %q", name, got, test.want)
		}
		if missed := strings.Contains(test.want, "MISSED"); r.Missed("refresh") != missed || r.Failed(false) != missed || r.Failed(true) {
			t.Errorf("%s: missed %v, failed %v, without floors %v; want %v, %v, false", name, r.Missed("refresh"), r.Failed(false), r.Failed(true), missed, missed)
		}
	}
}

// A floor stays unjudged where the client was late, or the sizes are others.
func TestCompare_NotJudged(t *testing.T) {
	r := reportOf([]Floor{rateFloor("stock", 10)}, rated("refresh", "ours", 1), rated("refresh", "stock", 1))
	r.CompareAll("refresh", Rate, "ours", func(_, _ Summary) bool { return false })
	if r.Failed(false) || len(r.unjudged()) != 1 {
		t.Errorf("failed %v, unjudged %v; want the floor unjudged", r.Failed(false), r.unjudged())
	}
}

func TestFloor_MissedBy(t *testing.T) {
	least, most := Floor{Limit: 2}, Floor{Limit: 1.25, AtMost: true}
	for _, test := range []struct {
		floor Floor
		ratio float64
		want  bool
	}{{least, 1.99, true}, {least, 2, false}, {most, 1.25, false}, {most, 1.26, true}, {most, 0.1, false}} {
		if got := test.floor.missedBy(test.ratio); got != test.want {
			t.Errorf("%+v missed by %v = %v; want %v", test.floor, test.ratio, got, test.want)
		}
	}
}

func TestReport_Verdict(t *testing.T) {
	floors := []Floor{rateFloor("memory", 2), rateFloor("stock", 10)}
	product, memory, stock := rated("refresh", "ours", 100), rated("refresh", "memory", 40), rated("refresh", "stock", 20)
	for name, test := range map[string]struct {
		report *Report
		want   string
	}{
		"nothing ran":    {reportOf(floors), "not judged: refresh against memory: at least 2\nnot judged: refresh against stock: at least 10\n"},
		"one reached":    {reportOf(floors, product, memory), "not judged: refresh against stock: at least 10\nGOOD: every answer of ours was right; 1 of 2 floors judged"},
		"one missed":     {reportOf(floors, product, memory, stock), "BAD: refresh against stock: 5 times, MISSED at least 10\n"},
		"without floors": {reportOf(nil, product), "GOOD: every check passed\n"},
		"blamed":         {&Report{Bad: []string{"still live"}}, "BAD: still live\n"},
	} {
		var out strings.Builder
		test.report.CompareAll("refresh", Rate, "ours", always)
		test.report.printVerdict(&out)
		if !strings.HasPrefix(out.String(), test.want) || strings.Contains(out.String(), "BAD") && strings.Contains(out.String(), "GOOD") {
			t.Errorf("%s: verdict = %q; want %q", name, out.String(), test.want)
		}
	}
}

func TestReport_PrintAndWrite(t *testing.T) {
	r := reportOf(nil, rated("refresh", "ours", 72314.4), rated("refresh", "page", 0))
	r.Command, r.About = "go run ./bench", []string{"what was done"}
	r.Tables = []Table{
		{Title: "the table", Measure: "refresh", Subject: "peer", Columns: append([]Column{{Title: "requests/s", Figure: Rate}, {Title: "k", Figure: Rate, Digits: 1, Unit: 1000}}, Verdicts()...)},
		{Title: "nothing in it", Measure: "create", Subject: "peer"},
	}
	r.Facts.Add("%d of %d", 1, 2)
	r.Notes.Add("doubtful")
	r.BlameGrowth("nothing", "create", Rate, 1, 0)
	var out strings.Builder
	r.Print(&out)
	for _, want := range []string{"what was done", "the table\npeer  requests/s  k     errors", "ours  72314       72.3  0", "page  -           -     0", "1 of 2\n", "note: doubtful\n", "GOOD"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "nothing in it") {
		t.Errorf("an empty table is shown:\n%s", out.String())
	}
	dir := filepath.Join(t.TempDir(), "new")
	if err := r.Write(dir, "refresh"); err != nil {
		t.Fatal(err)
	}
	var back Report
	data, err := os.ReadFile(filepath.Join(dir, "refresh.json"))
	if err == nil {
		err = json.Unmarshal(data, &back)
	}
	if err != nil || len(back.Measurements) != 2 || back.Measurements[0].Figures[Rate] != 72314.4 {
		t.Errorf("the JSON does not hold the measurements: %v", err)
	}
}

func TestDescribe(t *testing.T) {
	m, err := Describe(t.Context(), t.TempDir())
	if err != nil || m.CPU == "" || m.Cores < 1 || m.FsyncMS <= 0 || !strings.HasPrefix(m.Go, "go") {
		t.Errorf("Describe = %+v, %v; want this machine", m, err)
	}
	if (Machine{FsyncMS: 0.01}).Where() != InMemory || (Machine{FsyncMS: 0.1}).Where() != OnDisk {
		t.Error("Where takes an fsync of 0.01 ms for a disk, or one of 0.1 ms for memory")
	}
}
