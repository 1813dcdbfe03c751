package scenario

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/bench/report"
)

// Every scenario refuses impossible flags before it does anything.
func TestCommand_RefusesBadFlags(t *testing.T) {
	for _, line := range []string{
		"-rounds 2 quick", "-only none", "-duration 0s", "-duration soon", "-rounds 0", "-threads 9 -connections 8", "-connections 5000", "-sessions 0",
		"-sessions 2000000", "-client curl", "-open-rate -1", "-open-rate nan", "-unknown", "memory", "-cap 5", "quick -quiet 1m",
		"scale -sizes 0", "scale -sizes 10,x", "scale -sizes 20000000", "scale -rounds 0", "scale -duration 0s", "scale -client curl", "scale more",
		"flood -cap 1", "flood -idle 10ms", "flood -quiet 20s", "flood -every 11s", "flood -connections 0", "flood -hold -1s", "flood more",
		"mixed -duration 0s", "mixed -every 10m", "mixed -sessions 63", "mixed -connections 0", "mixed -unknown",
		"growth -duration 0s", "growth -every 0s", "growth -rate 0", "growth -sessions 0", "growth -idle 1s", "growth -sessions 200000", "growth -connections 5000",
		"console -sessions 0", "console -visited 2000000", "console -window 1ms", "console -dashboards 5", "console -rounds 0", "console -connections 0",
		"ending -sessions 0", "ending -visited 0", "ending -sessions 10 -visited 11", "ending -rate 0", "ending -rounds 0", "ending -duration 0s", "ending more",
	} {
		if err := Command(t.Context(), strings.Fields(line), nil); !errors.Is(err, ErrUsage) {
			t.Errorf("%s: %v; want ErrUsage", line, err)
		}
	}
	if err := Seed(t.Context(), []string{"-n", "0"}); !errors.Is(err, ErrUsage) {
		t.Errorf("seed -n 0: %v; want ErrUsage", err)
	}
}

func TestParse(t *testing.T) {
	for _, s := range All() {
		if _, err := s.parse(nil); err != nil {
			t.Errorf("%s refuses its own defaults: %v", s.Name, err)
		}
		if s.About == "" {
			t.Errorf("the help has no line about %s", s.Name)
		}
		for name := range strings.FieldsSeq(s.Flags) {
			if !slices.ContainsFunc((&Options{}).settings(), func(st setting) bool { return st.name == name }) {
				t.Errorf("%s has an unknown flag %q", s.Name, name)
			}
		}
	}
	o, err := scaleScenario().parse(strings.Fields("-sizes 500,20,500,3 -duration 1s"))
	if err != nil || !slices.Equal(o.Sizes, []int{3, 20, 500}) || o.Duration != time.Second {
		t.Errorf("scale = %+v, %v; want 3, 20, 500 for 1 s", o, err)
	}
	o, err = quickScenario().parse(strings.Fields("-only ours,page -client own"))
	if err != nil || !slices.Equal(o.Only, []string{"ours", "page"}) || !o.Generous || o.Results != NoResults {
		t.Errorf("quick = %+v, %v; want two peers, generous", o, err)
	}
}

// A report is printed and written, and a bad one is an error.
func TestConclude(t *testing.T) {
	s := Scenario{
		Name: "fake", Show: func(_ *Options, r *report.Report) { r.About.Add("about") },
	}
	for name, test := range map[string]struct {
		bad  string
		want error
	}{"good": {"", nil}, "bad": {"one", ErrBad}} {
		dir := filepath.Join(t.TempDir(), "new")
		s.Run = func(_ context.Context, b *Bench) error { b.Report.Blame(test.bad != "", "%s", test.bad); return nil }
		b := &Bench{Options: &Options{Results: dir}, scenario: s}
		b.Report = b.newReport(report.Machine{})
		var out bytes.Buffer
		if err := errors.Join(b.do(t.Context()), b.conclude(t.Context(), &out)); !errors.Is(err, test.want) || test.want == nil && err != nil {
			t.Errorf("%s: %v; want %v", name, err, test.want)
		}
		if _, err := os.Stat(filepath.Join(dir, "fake.json")); err != nil || !strings.Contains(out.String(), "about") {
			t.Errorf("%s: %v, %q; want the file and the text", name, err, out.String())
		}
		b.Results = NoResults
		t.Chdir(t.TempDir())
		_ = b.conclude(t.Context(), &out)
		checkEmpty(t, ".")
	}
}

func TestResultsDir(t *testing.T) {
	for asked, want := range map[string]string{"": filepath.Join("bench", "results"), "x/y": "x/y", NoResults: ""} {
		if dir, err := resultsDir(t.Context(), asked); err != nil || !strings.HasSuffix(dir, want) || (dir == "") != (asked == NoResults) {
			t.Errorf("resultsDir(%q) = %q, %v; want %q", asked, dir, err, want)
		}
	}
}

// Where the folder is in memory, only processor time is judged against stock.
func TestNewReport_NoDisk(t *testing.T) {
	s := refreshScenario()
	o := s.options()
	for fsync, want := range map[float64]int{0.001: 0, 0.1: 2} {
		b := &Bench{Options: &o, scenario: s}
		rates, cpu := 0, 0
		for _, f := range b.newReport(report.Machine{FsyncMS: fsync}).Floors {
			switch {
			case f.Subject == "stock" && f.Figure == report.Rate:
				rates++
			case f.Subject == "stock" && strings.HasSuffix(f.What, " in memory") == (want == 0):
				cpu++
			}
		}
		if rates != want || cpu != 2 {
			t.Errorf("with an fsync of %g ms %d rates and %d processor times are judged against stock; want %d and 2", fsync, rates, cpu, want)
		}
	}
}

// README.md documents every floor.
func TestFloors_AreTheDocumentedOnes(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range All() {
		for _, f := range s.Floors {
			line := "| " + f.What + " | " + f.Subject + " | " + f.Bound() + " |"
			if f.Limit > 0 && !strings.Contains(string(readme), line) {
				t.Errorf("README.md has no floor %q", line)
			}
			if f.Generous > 0 && f.Limit > 0 && (f.Generous > f.Limit) != f.AtMost {
				t.Errorf("floor %+v is not more generous in quick runs", f)
			}
		}
	}
}

func TestBeside_StopsOnAnError(t *testing.T) {
	n, planned := 0, errors.New("planned")
	err := repeat(t.Context(), time.Microsecond, func() error {
		if n++; n == 3 {
			return planned
		}
		return nil
	})
	if n != 3 || !errors.Is(err, planned) {
		t.Errorf("repeat = %v after %d calls; want the error of the third", err, n)
	}
	err = beside(t.Context(), time.Hour, func() error { n++; return nil }, func(context.Context) error { return planned })
	if !errors.Is(err, planned) || err.Error() != "planned" || n != 4 {
		t.Errorf("beside = %v after %d calls; want one call more and the error", err, n-3)
	}
}
