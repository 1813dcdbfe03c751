package scenario

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// handTool runs a command of README.md for use by hand.
func handTool(t *testing.T, env string, command ...string) (string, error) {
	t.Helper()
	for _, tool := range []string{"sh", "curl", "awk", "wrk", "hey"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("commands by hand are not tested: %v", err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestHey_ByHand(t *testing.T) {
	t.Parallel()
	out, err := handTool(t, "", "../hey.sh", serve(t, (&shop{}).handle), "1", "8")
	if err != nil || !strings.Contains(out, "live to the end") {
		t.Errorf("hey.sh: %v\n%s", err, out)
	}
	out, err = handTool(t, "", "../hey.sh", serve(t, forgetful()), "1", "8")
	if err == nil || !strings.Contains(out, "the session was lost") {
		t.Errorf("hey.sh: %v; want that the session was lost\n%s", err, out)
	}
}

// forgetful loses its sessions after 100 answers, and goes on with status 200.
func forgetful() fasthttp.RequestHandler {
	var answered atomic.Int64
	s := &shop{}
	return func(c *fasthttp.RequestCtx) {
		if answered.Add(1) > 100 {
			c.SetBodyString("Your session has Expired...")
			return
		}
		s.handle(c)
	}
}

func TestWrk_ByHand(t *testing.T) {
	t.Parallel()
	url := serve(t, (&shop{}).handle)
	ids := filepath.Join(t.TempDir(), "ids.txt")
	if err := Seed(t.Context(), []string{"-n", "20", "-url", url, "-o", ids}); err != nil {
		t.Fatal(err)
	}
	out, err := handTool(t, "PAGESESSION_IDS="+ids, "wrk", "-t1", "-c8", "-d1s", "-s", "../wrk/refresh.lua", url)
	if err != nil || !strings.Contains(out, "pagesession good=") || strings.Contains(out, "good=0") || !strings.Contains(out, "expired=0 wrong=0 connect=0") {
		t.Errorf("wrk: %v; want good answers only\n%s", err, out)
	}
	if out, err = handTool(t, "PAGESESSION_IDS=", "wrk", "-t1", "-c1", "-d1s", "-s", "../wrk/refresh.lua", url); !strings.Contains(out, "set PAGESESSION_IDS") {
		t.Errorf("wrk without ids: %v\n%s\nwant a hint", err, out)
	}
}
