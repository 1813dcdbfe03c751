package metrics

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const dashboardFile = "../../deploy/grafana.json"

// dashboard is what the tests read of Grafana's format.
type dashboard struct {
	Templating struct {
		List []struct{ Name, Definition string }
	}
	Panels []panel
}

type panel struct {
	ID                       int
	Type, Title, Description string
	GridPos                  struct{ H, W, X, Y int }
	Datasource               struct{ UID string }
	Targets                  []struct{ Expr, LegendFormat string }
}

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	text, err := os.ReadFile(dashboardFile)
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The dashboard uses metrics that there are, with labels and values that these have, and the
// legends name labels that are left.
func TestDashboard_Queries(t *testing.T) {
	known := gathered(t, full(false))
	shown := map[string]bool{}
	for _, p := range readDashboard(t).Panels {
		for _, q := range p.Targets {
			for _, m := range usedIn(q.Expr) {
				shown[m.name] = true
				if known[m.name] == nil && !strings.HasPrefix(m.name, Prefix) {
					t.Errorf("%s: there is no %s", p.Title, m.name)
				}
				if problem := misused(m.name, m.selector); strings.HasPrefix(m.name, Prefix) && problem != "" {
					t.Errorf("%s: %s%s: %s", p.Title, m.name, m.selector, problem)
				}
			}
			for _, label := range legendLabels(q.LegendFormat) {
				if !isLeft(label, q.Expr) {
					t.Errorf("%s: %s has no label %s for the legend %q", p.Title, q.Expr, label, q.LegendFormat)
				}
			}
		}
	}
	for _, m := range Table(nil) {
		if !shown[m.FullName()] && !shown[m.FullName()+"_bucket"] && !shown[m.FullName()+"_count"] {
			t.Errorf("no panel shows %s", m.FullName())
		}
	}
}

type use struct{ name, selector string }

// usedIn returns the metrics of an expression with their selectors, without the server's name,
// which Prometheus adds.
func usedIn(expr string) (all []use) {
	for _, m := range regexp.MustCompile(`\b((?:pagesession|go|process)_[a-z_]+)(\{[^}]*\})?`).FindAllStringSubmatch(expr, -1) {
		all = append(all, use{m[1], strings.Replace(m[2], `instance=~"$instance"`, "", 1)})
	}
	return all
}

func legendLabels(format string) (all []string) {
	for _, m := range regexp.MustCompile(`\{\{([a-z]+)\}\}`).FindAllStringSubmatch(format, -1) {
		all = append(all, m[1])
	}
	return all
}

// isLeft reports whether the series of an expression have a label: one that it sums by, or, if
// it sums nothing, one of its metrics.
func isLeft(label, expr string) bool {
	if by := regexp.MustCompile(`\bby \(([^)]*)\)`).FindStringSubmatch(expr); by != nil {
		return slices.Contains(strings.Split(strings.ReplaceAll(by[1], " ", ""), ","), label) && (label == "instance" || hasLabel(label, expr))
	}
	return !strings.HasPrefix(expr, "sum(") && (label == "instance" || hasLabel(label, expr))
}

func hasLabel(label, expr string) bool {
	return slices.ContainsFunc(usedIn(expr), func(u use) bool {
		return slices.ContainsFunc(Table(nil), func(m Metric) bool {
			return strings.HasPrefix(u.name, m.FullName()) && slices.Contains(m.labelNames(), label)
		})
	})
}

// Each panel has a number, a title, a sentence and a place of its own, and asks the chosen
// Prometheus.
func TestDashboard_Panels(t *testing.T) {
	d := readDashboard(t)
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range d.Panels {
		if ids[p.ID] || p.ID == 0 || p.Title == "" {
			t.Errorf("panel %d %q: the number is taken, or it has no title", p.ID, p.Title)
		}
		ids[p.ID] = true
		if p.Type != "row" && (!strings.HasSuffix(p.Description, ".") || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0) {
			t.Errorf("%s: description %q, source %q, %d queries; want a sentence, ${datasource}, some", p.Title, p.Description, p.Datasource.UID, len(p.Targets))
		}
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				if other := taken[at]; other != "" || at[0] >= 24 {
					t.Fatalf("%s lies on %q, or outside, at %v", p.Title, other, at)
				}
				taken[at] = p.Title
			}
		}
	}
	if len(ids) < 20 {
		t.Errorf("%d panels; want more than 20", len(ids))
	}
	for _, v := range d.Templating.List {
		for _, m := range usedIn(v.Definition) {
			if problem := misused(m.name, ""); problem != "" {
				t.Errorf("variable %s: %s: %s", v.Name, m.name, problem)
			}
		}
	}
}
