package main

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	line := "42 (a) b (c) S 7 42 42 0 -1 4194304 100 0 0 0 150 50 20 10 20 0 1 0 100 0 0\n"
	if got, ok := parseStat(line); !ok || got.parent != 7 || got.used != 2300*time.Millisecond {
		t.Errorf("parseStat = %+v, %v; want parent 7 and 2.3 s", got, ok)
	}
	for _, bad := range []string{"", "42 (a) S 7", "42 (a) S 7 42 42 0 -1 4194304 100 0 0 0 x 50 20 10"} {
		if got, ok := parseStat(bad); ok {
			t.Errorf("parseStat(%q) = %+v; want nothing", bad, got)
		}
	}
}

func TestDescends(t *testing.T) {
	all := map[int]process{1: {}, 2: {parent: 1}, 3: {parent: 2}, 4: {parent: 1}, 5: {parent: 6}, 6: {parent: 5}}
	for id, want := range map[int]bool{2: true, 3: true, 1: false, 4: false, 5: false, 9: false} {
		if got := descends(all, id, 2); got != want {
			t.Errorf("descends(%d, 2) = %v; want %v", id, got, want)
		}
	}
}

// A child that keeps a core busy shows in what we have used; so does one of
// its own children.
func TestCPUTime_CountsChildren(t *testing.T) {
	before, ok := cpuTime(os.Getpid())
	if !ok {
		t.Skip("this system does not tell")
	}
	cmd := exec.Command("sh", "-c", "(while :; do :; done) & read -r x; kill $!; wait")
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close(); _ = cmd.Wait() }()
	for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		if after, _ := cpuTime(cmd.Process.Pid); after >= 50*time.Millisecond {
			if all, _ := cpuTime(os.Getpid()); all-before < after {
				t.Errorf("we used %s more, our child %s; want no less", all-before, after)
			}
			return
		}
	}
	t.Error("a busy child's time never showed")
}

func TestCPUTime_NoSuchProcess(t *testing.T) {
	if used, ok := cpuTime(1 << 30); ok {
		t.Errorf("cpuTime of nobody = %s; want none", used)
	}
}

func TestCPUPerRequest(t *testing.T) {
	answered := result{Good: 80, Expired: 10, Wrong: 10, Errors: 5}
	if got := cpuPerRequest(time.Second, 1005*time.Millisecond, true, answered); got == nil || *got != 50 {
		t.Errorf("5 ms for 100 answers = %v; want 50 us", got)
	}
	for name, got := range map[string]*float64{
		"unknown":    cpuPerRequest(0, time.Second, false, answered),
		"unanswered": cpuPerRequest(0, time.Second, true, result{Errors: 5}),
	} {
		if got != nil {
			t.Errorf("%s: %v us; want none", name, *got)
		}
	}
}
