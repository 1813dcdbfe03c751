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

// A wrkRunner loads with wrk, which is far cheaper for each request than a client in Go.
type wrkRunner struct {
	path   string // of wrk
	dir    string // for its files, which have live ids
	script string
}

func newWrk(path, dir string) (Client, error) {
	script := filepath.Join(dir, "refresh.lua")
	if err := os.WriteFile(script, []byte(wrk.Script), 0o600); err != nil {
		return Client{}, fmt.Errorf("write wrk's script: %w", err)
	}
	return Client{"wrk", wrkRunner{path: path, dir: dir, script: script}.run}, nil
}

// run interrupts wrk when the context ends; wrk then prints its result so far.
func (w wrkRunner) run(ctx context.Context, l Load) (Result, error) {
	ids, cookie := "none", "0"
	if l.Expect.Cookie {
		cookie = "1"
	}
	if len(l.IDs) > 0 {
		ids = filepath.Join(w.dir, "ids.txt")
		if err := WriteIDs(ids, l.IDs); err != nil {
			return Result{}, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, l.Duration+2*AnswerTimeout)
	defer cancel()
	seconds := int((l.Duration + time.Second - 1) / time.Second) // wrk accepts whole seconds
	cmd := exec.CommandContext(ctx, w.path,                      // ids are in a file: every user can read arguments
		"-t", strconv.Itoa(l.Threads), "-c", strconv.Itoa(l.Connections),
		"-d", strconv.Itoa(seconds)+"s", "--timeout", AnswerTimeout.String(), "-s", w.script, l.URL)
	cmd.Env = append(os.Environ(), "PAGESESSION_IDS="+ids,
		"PAGESESSION_MARKER="+l.Expect.Marker, "PAGESESSION_COOKIE="+cookie)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 3 * time.Second
	out, runErr := cmd.CombinedOutput()
	res, err := parseWrk(string(out))
	if err != nil {
		return Result{}, errors.Join(fmt.Errorf("run wrk: %w", err), runErr)
	}
	return res, nil
}

// wrkLine is what the script prints at the end; its other half is in wrk/refresh.lua.
const wrkLine = "pagesession good=%d expired=%d wrong=%d connect=%d read=%d write=%d timeout=%d" +
	" duration_us=%f p50_us=%f p90_us=%f p99_us=%f p999_us=%f max_us=%f"

// parseWrk reads that line. It drops latencies that include failures.
func parseWrk(out string) (Result, error) {
	_, line, _ := strings.Cut("\n"+out, "\npagesession ")
	var r Result
	var l Latency
	var connect, read, write, timeout int64
	_, err := fmt.Sscanf("pagesession "+line, wrkLine, &r.Good, &r.Expired, &r.Wrong, &connect, &read, &write, &timeout,
		&r.Seconds, &l.P50, &l.P90, &l.P99, &l.P999, &l.Max)
	if err != nil {
		return Result{}, fmt.Errorf("no result in its output: %w: %q", err, out)
	}
	r.Errors, r.Seconds = connect+read+write+timeout, r.Seconds/1e6
	if r.Good > 0 && r.Expired+r.Wrong == 0 {
		r.Latency = &Latency{P50: l.P50 / 1e3, P90: l.P90 / 1e3, P99: l.P99 / 1e3, P999: l.P999 / 1e3, Max: l.Max / 1e3}
	}
	return r, nil
}
