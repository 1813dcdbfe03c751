package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// refreshScript makes wrk send the ids and check the answers. It is the same
// file that is used by hand.
//
//go:embed wrk/refresh.lua
var refreshScript string

// wrkClient loads with wrk: far cheaper per request than any client in Go,
// so the server and not the client is what is measured.
type wrkClient struct {
	path   string // of wrk
	dir    string // for its files; ids are in it, so nobody else may read it
	script string
}

func newWrkClient(path, dir string) (client, error) {
	script := filepath.Join(dir, "refresh.lua")
	if err := os.WriteFile(script, []byte(refreshScript), 0o600); err != nil {
		return nil, fmt.Errorf("write wrk's script: %w", err)
	}
	return wrkClient{path: path, dir: dir, script: script}, nil
}

func (w wrkClient) name() string { return "wrk" }

// run interrupts wrk when the context ends; wrk then still prints what it
// has. The deadline is for a wrk that hangs.
func (w wrkClient) run(ctx context.Context, l load) (result, error) {
	ids, err := w.writeIDs(l.ids)
	if err != nil {
		return result{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.duration+2*answerPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.path, w.arguments(l)...)
	cmd.Env = append(os.Environ(), "PAGESESSION_IDS="+ids,
		"PAGESESSION_MARKER="+l.expect.marker, "PAGESESSION_COOKIE="+zeroOrOne(l.expect.cookie))
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 3 * time.Second
	out, runErr := cmd.CombinedOutput()
	res, err := parseWrk(string(out))
	if err != nil {
		return result{}, errors.Join(fmt.Errorf("run wrk: %w", err), runErr)
	}
	return res, nil
}

// arguments never has an id in it: arguments are for everybody to read.
func (w wrkClient) arguments(l load) []string {
	seconds := int((l.duration + time.Second - 1) / time.Second) // wrk knows whole ones only
	return []string{
		"-t", strconv.Itoa(l.threads), "-c", strconv.Itoa(l.connections),
		"-d", strconv.Itoa(seconds) + "s", "--timeout", answerPatience.String(),
		"-s", w.script, l.url,
	}
}

// writeIDs writes the file that the script reads, or says that there is none.
func (w wrkClient) writeIDs(ids []string) (string, error) {
	if len(ids) == 0 {
		return "none", nil
	}
	file := filepath.Join(w.dir, "ids.txt")
	return file, writeIDs(file, ids)
}

func zeroOrOne(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// parseWrk reads the line that the script prints at the end. wrk counts
// failures into its latencies, so with any failure there are none to give.
func parseWrk(out string) (result, error) {
	values, err := wrkValues(out)
	if err != nil {
		return result{}, err
	}
	res := result{
		Good: values["good"], Expired: values["expired"], Wrong: values["wrong"],
		Errors:  values["connect"] + values["read"] + values["write"] + values["timeout"],
		Seconds: float64(values["duration_us"]) / 1e6,
	}
	if res.Good > 0 && res.Expired+res.Wrong == 0 {
		ms := func(name string) float64 { return float64(values[name]) / 1e3 }
		res.Latency = &latency{P50: ms("p50_us"), P90: ms("p90_us"), P99: ms("p99_us"), P999: ms("p999_us"), Max: ms("max_us")}
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
