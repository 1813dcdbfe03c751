package docs

import (
	"os"
	"os/exec"
	"testing"
)

// TestShell runs the blocks of each page, in the order of the page, each page in a view of its own.
func TestShell(t *testing.T) {
	needs(t)
	dir := tools(t)
	room := make(chan struct{}, 2) // pages at a time
	t.Run("pages", func(t *testing.T) {
		for _, page := range pageNames(t) {
			steps := plan(t, page)
			if len(steps) == 0 {
				continue
			}
			t.Run(page, func(t *testing.T) {
				t.Parallel()
				room <- struct{}{}
				defer func() { <-room }()
				follow(t, page, dir, steps)
			})
		}
	})
}

// needs skips the test on a machine that cannot run the pages. In CI it fails there.
func needs(t *testing.T) {
	t.Helper()
	missing := ""
	for _, tool := range []struct{ program, pkg string }{
		{"bash", "bash"}, {"ip", "iproute2"}, {"curl", "curl"}, {"jq", "jq"}, {"sqlite3", "sqlite3"}, {"pkill", "procps"},
		{"redis-server", "redis-server"}, {"wrk", "wrk"}, {"openssl", "openssl"}, {"createuser", "postgresql"},
	} {
		if _, err := exec.LookPath(tool.program); err != nil {
			missing = "install Debian's package " + tool.pkg
		}
	}
	if os.Geteuid() != 0 {
		missing = "run the tests as root: the pages run in namespaces of their own"
	}
	switch {
	case missing == "":
	case os.Getenv("CI") == "true":
		t.Fatal(missing)
	default:
		t.Skip(missing)
	}
}

// follow runs the steps of a page and compares what they print.
func follow(t *testing.T, page, tools string, steps []step) {
	done := 0
	for r := range show(t, view{Tools: tools, Steps: steps}) {
		s := steps[done]
		if done++; !judge(t, page, s, r) {
			return
		}
	}
	if done < len(steps) {
		t.Errorf("%s:%d: the view ended before this command:\n    %s", page, steps[done].Line, steps[done].Command)
	}
}

// judge reports whether the page goes on after a step.
func judge(t *testing.T, page string, s step, r result) bool {
	t.Helper()
	switch {
	case r.Wrong != "" || r.Code != s.Code:
		t.Errorf("%s:%d: exit code %d, want %d; %s\n    %s\n%s", page, s.Line, r.Code, s.Code, r.Wrong, s.Command, r.Output)
		return false
	case s.Console && (!r.Served || len(s.Shown) > 0):
		if err := compare(s.Shown, r.Output); err != nil {
			t.Errorf("%s:%d: %s: %v\nall of the output:\n%s", page, s.Line, s.Command, err, r.Output)
		}
	}
	return true
}
