package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checkCharts expects a chart for each measure, and none of an earlier run.
func checkCharts(t *testing.T, rep report, dir string) {
	t.Helper()
	for _, name := range []string{"refresh.svg", "create.svg"} {
		svg, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(svg), "stock") {
			t.Errorf("%s is no chart of the peers: %v", name, err)
		}
	}
	rep.Summaries = rep.Summaries[:1]
	if err := rep.write(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "create.svg")); err == nil {
		t.Error("a chart of an earlier run is left")
	}
}

func TestResultsDir(t *testing.T) {
	for asked, want := range map[string]string{"": filepath.Join("bench", "results"), "x/y": "x/y", noResults: ""} {
		dir, ok, err := resultsDir(t.Context(), asked)
		if err != nil || !strings.HasSuffix(dir, want) || ok != (asked != noResults) {
			t.Errorf("resultsDir(%q) = %q, %v, %v; want %q", asked, dir, ok, err, want)
		}
	}
}
