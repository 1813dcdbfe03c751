package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"pagesession/bench/wrk"
)

// wrkRunner loads with wrk: far cheaper per request than any client in Go,
// so the server and not the client is what is measured.
type wrkRunner struct {
	path   string // of wrk
	dir    string // for its files; ids are in it, so it is for its owner only
	script string
}

func newWrk(path, dir string) (Client, error) {
	script := filepath.Join(dir, "refresh.lua")
	if err := os.WriteFile(script, []byte(wrk.Script), 0o600); err != nil {
		return nil, fmt.Errorf("write wrk's script: %w", err)
	}
	return wrkRunner{path: path, dir: dir, script: script}, nil
}

// Name is that of the flag.
func (w wrkRunner) Name() string { return "wrk" }

// Run interrupts wrk when the context ends; wrk then still prints what it
// has. The deadline is for a wrk that hangs.
func (w wrkRunner) Run(ctx context.Context, l Load) (Result, error) {
	ids, err := w.writeIDs(l.IDs)
	if err != nil {
		return Result{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.Duration+2*AnswerTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.path, w.arguments(l)...)
	cmd.Env = append(os.Environ(), "PAGESESSION_IDS="+ids,
		"PAGESESSION_MARKER="+l.Expect.Marker, "PAGESESSION_COOKIE="+zeroOrOne(l.Expect.Cookie))
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 3 * time.Second
	out, runErr := cmd.CombinedOutput()
	res, err := parseWrk(string(out))
	if err != nil {
		return Result{}, errors.Join(fmt.Errorf("run wrk: %w", err), runErr)
	}
	return res, nil
}

// arguments never has an id in it: every user can read arguments.
func (w wrkRunner) arguments(l Load) []string {
	seconds := int((l.Duration + time.Second - 1) / time.Second) // wrk knows whole ones only
	return []string{
		"-t", strconv.Itoa(l.Threads), "-c", strconv.Itoa(l.Connections),
		"-d", strconv.Itoa(seconds) + "s", "--timeout", AnswerTimeout.String(),
		"-s", w.script, l.URL,
	}
}

// writeIDs writes the file that the script reads, or says that there is none.
func (w wrkRunner) writeIDs(ids []string) (string, error) {
	if len(ids) == 0 {
		return "none", nil
	}
	file := filepath.Join(w.dir, "ids.txt")
	return file, WriteIDs(file, ids)
}

func zeroOrOne(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// parseWrk reads the line that the script prints at the end. wrk counts
// failures into its latencies, so with any failure there are none to give.
func parseWrk(out string) (Result, error) {
	values, err := wrkValues(out)
	if err != nil {
		return Result{}, err
	}
	res := Result{
		Counts: Counts{
			Good: values["good"], Expired: values["expired"], Wrong: values["wrong"],
			Errors: values["connect"] + values["read"] + values["write"] + values["timeout"],
		},
		Seconds: float64(values["duration_us"]) / 1e6,
	}
	if res.Good > 0 && res.Expired+res.Wrong == 0 {
		ms := func(name string) float64 { return float64(values[name]) / 1e3 }
		res.Latency = &Latency{P50: ms("p50_us"), P90: ms("p90_us"), P99: ms("p99_us"), P999: ms("p999_us"), Max: ms("max_us")}
	}
	return res, nil
}

// wrkKeys are the values that must be there; more is fine.
var wrkKeys = [...]string{
	"good", "expired", "wrong", "connect", "read", "write", "timeout",
	"duration_us", "p50_us", "p90_us", "p99_us", "p999_us", "max_us",
}

// wrkValues finds the script's line in wrk's output and splits it.
func wrkValues(out string) (map[string]int64, error) {
	for line := range strings.Lines(out) {
		rest, ok := strings.CutPrefix(line, "pagesession ")
		if !ok {
			continue
		}
		return splitValues(rest)
	}
	return nil, fmt.Errorf("no result in its output: %q", out)
}

func splitValues(line string) (map[string]int64, error) {
	values := map[string]int64{}
	for _, field := range strings.Fields(line) {
		name, text, _ := strings.Cut(field, "=")
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read %q of the result: %w", field, err)
		}
		values[name] = n
	}
	for _, name := range wrkKeys {
		if _, ok := values[name]; !ok {
			return nil, fmt.Errorf("the result has no %q", name)
		}
	}
	return values, nil
}
