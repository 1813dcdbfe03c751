package docs

import (
	"encoding/json"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A view is what the program inside needs to know.
type view struct {
	Dir      string // an empty folder outside
	Tools    string // the folder of tools
	Checkout string
	Modules  string // Go's caches
	Builds   string
	Go       string // the folder of the Go toolchain
	Steps    []step
}

// A result says how a step went.
type result struct {
	Code   int
	Output string
	Served bool   // a server ran in the foreground, was ready, and was stopped by Ctrl-C
	Wrong  string // what failed besides the exit code
}

// show runs the steps in a view. The sequence has the results of the steps until one fails.
func show(t *testing.T, v view) iter.Seq[result] {
	t.Helper()
	v.Dir = t.TempDir()
	checkout, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	v.Checkout, v.Modules, v.Builds = checkout, goEnv(t, "GOMODCACHE"), goEnv(t, "GOCACHE")
	v.Go = goEnv(t, "GOROOT")
	cmd := exec.Command(filepath.Join(v.Tools, insideName))
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS}
	in, err := cmd.StdinPipe() // its end, also by the end of this process, ends the view
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	if err := json.NewEncoder(in).Encode(v); err != nil {
		t.Fatal(err)
	}
	return func(yield func(result) bool) {
		var r result
		for results := json.NewDecoder(out); results.Decode(&r) == nil && yield(r); r = (result{}) {
		}
	}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
