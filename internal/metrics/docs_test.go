package metrics

import (
	"flag"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pagesession/internal/testkit"
)

var update = flag.Bool("update", false, "write docs/METRICS.md")

// The document has each metric with its unit, its labels and what it means.
func TestTable_Documented(t *testing.T) {
	var b strings.Builder
	b.WriteString("| metric | kind | unit | labels | what it is |\n|---|---|---|---|---|\n")
	b.WriteString("| `" + BuildInfo + "` | gauge |  | `version`, `go` | always 1; the labels have the versions of the program and of Go |\n")
	for _, m := range Table(nil) {
		b.WriteString(m.markdown())
	}
	testkit.Documented(t, "../../docs/METRICS.md", "metrics", b.String(), *update)
}

// Names say their unit, in base units, and counters end in _total, as Prometheus asks for.
func TestTable_Rows(t *testing.T) {
	form, seen := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`), map[string]bool{}
	for _, m := range Table(nil) {
		if seen[m.Name] || !form.MatchString(m.Name) || m.Help == "" || strings.HasSuffix(m.Help, ".") || strings.Contains(m.Help, "|") {
			t.Errorf("%s: named twice or in another form, or its help is empty or has a full stop or a bar", m.Name)
		}
		seen[m.Name] = true
		if m.Kind == CounterKind != strings.HasSuffix(m.Name, "_total") {
			t.Errorf("%s is a %s", m.Name, m.Kind)
		}
		if (m.values == nil) != (m.Kind == HistogramKind) || (m.histograms != nil) != (m.Kind == HistogramKind) {
			t.Errorf("%s has not the one reader of a %s", m.Name, m.Kind)
		}
		if !slices.Contains([]string{"", "seconds", "bytes"}, m.Unit) || m.Unit != "" && !strings.HasSuffix(strings.TrimSuffix(m.Name, "_total"), "_"+m.Unit) {
			t.Errorf("%s has the unit %q", m.Name, m.Unit)
		}
		for _, l := range m.Labels {
			if len(l.Values) == 0 {
				t.Errorf("%s: the label %s has no values", m.Name, l.Name)
			}
		}
	}
}
