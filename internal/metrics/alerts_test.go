package metrics

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Alerts use metrics of the table, with labels and values that these have. Each says what to do.
func TestAlerts(t *testing.T) {
	text, err := os.ReadFile("../../deploy/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	used := regexp.MustCompile(`(pagesession_[a-z_]+)(\{[^}]*\})?`)
	alerts := strings.Split(string(text), "- alert: ")[1:]
	if len(alerts) < 10 {
		t.Errorf("alerts.yml has %d alerts; want 10", len(alerts))
	}
	for _, alert := range alerts {
		name, _, _ := strings.Cut(alert, "\n")
		if !strings.Contains(alert, `{do: "`) || !strings.Contains(alert, "severity: ") {
			t.Errorf("%s does not say what to do, or how urgent it is", name)
		}
		for _, m := range used.FindAllStringSubmatch(alert, -1) {
			if problem := misused(m[1], m[2]); problem != "" {
				t.Errorf("%s: %s%s: %s", name, m[1], m[2], problem)
			}
		}
	}
}

// misused says what is wrong with a metric and a selector such as {class="5xx"}; "" for nothing.
func misused(name, selector string) string {
	i := slices.IndexFunc(Table(nil), func(m Metric) bool {
		return m.FullName() == name || m.Kind == HistogramKind && (m.FullName()+"_bucket" == name || m.FullName()+"_count" == name)
	})
	if i < 0 {
		return "there is no such metric"
	}
	for _, pair := range regexp.MustCompile(`([a-z]+)(!?[=~]+)"([^"]*)"`).FindAllStringSubmatch(selector, -1) {
		labels := Table(nil)[i].Labels
		at := slices.IndexFunc(labels, func(l Label) bool { return l.Name == pair[1] })
		if at < 0 {
			return "it has no label " + pair[1]
		}
		value := regexp.MustCompile("^(" + pair[3] + ")$")
		if !slices.ContainsFunc(labels[at].Values, value.MatchString) {
			return "no value of " + pair[1] + " matches " + pair[3]
		}
	}
	return ""
}

func TestMisused(t *testing.T) {
	for _, bad := range [][2]string{{"pagesession_nothing", ""}, {"pagesession_ready", `{class="5xx"}`}, {"pagesession_http_requests_total", `{class="6xx"}`}, {"pagesession_ready_bucket", ""}} {
		if misused(bad[0], bad[1]) == "" {
			t.Errorf("%s%s counts as right", bad[0], bad[1])
		}
	}
}
