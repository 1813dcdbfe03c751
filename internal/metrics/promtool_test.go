package metrics

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// promtool runs a command of Prometheus' own tool, which has to be content.
func promtool(t *testing.T, input []byte, args ...string) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is missing; take it from Debian's package prometheus")
	}
	cmd := exec.Command(path, args...)
	cmd.Stdin = bytes.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// Prometheus loads the alerts.
func TestPromtool_Alerts(t *testing.T) {
	promtool(t, nil, "check", "rules", "../../deploy/alerts.yml")
}

// Prometheus understands each query of the dashboard. The tool checks rules, so each query
// becomes one; Grafana fills in its variables.
func TestPromtool_Dashboard(t *testing.T) {
	var rules strings.Builder
	rules.WriteString("groups:\n- name: dashboard\n  rules:\n")
	for _, p := range readDashboard(t).Panels {
		for i, q := range p.Targets {
			expr := strings.NewReplacer("$__rate_interval", "5m", "$instance", ".*").Replace(q.Expr)
			fmt.Fprintf(&rules, "  - record: panel:%d:%d\n    expr: %q\n", p.ID, i, expr)
		}
	}
	file := filepath.Join(t.TempDir(), "rules.yml")
	if err := os.WriteFile(file, []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, nil, "check", "rules", file)
}

// Names, kinds and helps of the metrics are as Prometheus wants them.
func TestPromtool_Metrics(t *testing.T) {
	s, url := serving(t)
	reading := full(false)
	s.Ready(func() Reading { return *reading })
	a, err := http.Get(url + Path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	var text bytes.Buffer
	if _, err := text.ReadFrom(a.Body); err != nil {
		t.Fatal(err)
	}
	promtool(t, text.Bytes(), "check", "metrics")
}
