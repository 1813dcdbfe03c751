package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// testOptions is the shortest run of all that can be measured.
func testOptions(only ...string) options {
	opt := defaultOptions()
	opt.client, opt.only, opt.results = "own", only, noResults
	opt.duration, opt.rounds, opt.sessions = 200*time.Millisecond, 1, 50
	opt.open = false
	opt.connections, opt.createConnections, opt.threads = 8, 8, 1
	return opt
}

// The whole way with real children, the stock driver among them; whether
// that one lives or dies is its own affair.
func TestRunBench(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	rep, err := runBench(t.Context(), testOptions("page", "memory", "stock"))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(rep.Summaries); got != 4 {
		t.Fatalf("%d summaries; want 3 of refresh and 1 of create", got)
	}
	for _, s := range rep.Summaries {
		if s.Peer != "stock" && (!s.flawless() || s.Rate == nil || s.P99 == nil || s.Bytes < 2000) {
			t.Errorf("summary = %+v; want good answers only", s)
		}
	}
	for _, s := range rep.Summaries {
		if procKnown() && s.Peer != "stock" && (s.CPU == nil || s.CPU.Median <= 0 || s.CPU.Median > 1e5) {
			t.Errorf("%s needs %+v us of CPU a request", s.Peer, s.CPU)
		}
	}
	checkPrinted(t, rep)
	checkEmpty(t, os.Getenv("TMPDIR"))
}

func checkPrinted(t *testing.T, rep report) {
	t.Helper()
	var text bytes.Buffer
	rep.print(&text)
	for _, want := range []string{"refresh: GET /get/", "create: GET /set/", "memory", "requests/s", rep.Machine.Go} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, text.String())
		}
	}
	dir := filepath.Join(t.TempDir(), "results")
	if err := rep.write(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	checkCharts(t, rep, dir)
	var back report
	data, err := os.ReadFile(filepath.Join(dir, "refresh.json"))
	if err == nil {
		err = json.Unmarshal(data, &back)
	}
	if err != nil || len(back.Runs) != len(rep.Runs) || back.Runs[0].Good != rep.Runs[0].Good {
		t.Errorf("the JSON does not hold the runs: %v", err)
	}
}

func checkEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind in the temporary folder: %v, %v", left, err)
	}
}

// A peer that dies under load is told, not an error; its restart too.
func TestTake_CrashIsAResult(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range clients(t) {
		t.Run(name, func(t *testing.T) {
			b := &bench{opt: testOptions(), client: c.client, workshop: workshop{self: self}, dir: t.TempDir()}
			b.opt.duration = 20 * time.Second // it dies long before
			dying := peer{name: "dying", mayCrash: true, start: selfStarter("dying")}
			r, err := b.take(t.Context(), step{measure: measures(b.opt)[0], peer: dying, round: 1})
			if err != nil || len(r.Crashes) != 2 {
				t.Fatalf("take = %+v, %v; want two crashes", r, err)
			}
			if r.Good < 1 || r.Good > 200 || r.Seconds > 10 || r.Errors != 0 {
				t.Errorf("take = %+v; want the answers until the crash", r)
			}
			if got := r.Crashes[0].Cause; got != "panic: as planned" {
				t.Errorf("cause = %q; want the panic", got)
			}
			checkEmpty(t, b.dir)
		})
	}
}

// serveDyingPeer serves the page 200 times and dies in a goroutine of its
// own, where Fiber cannot recover it.
func serveDyingPeer() {
	var served atomic.Int64
	app := newPeerApp()
	app.Get("/get/", func(c *fiber.Ctx) error {
		if served.Add(1) > 200 {
			go panic("as planned")
			time.Sleep(time.Second)
		}
		return renderPeerPage(c, getTemplate, visitorName)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr())
	_ = app.Listener(listener)
}

// An interrupted bench stops its children and takes its files away.
func TestCommand_InterruptLeavesNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no process can be interrupted on Windows")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, "-only", "memory", "-duration", "30s", "-sessions", "10")
	cmd.Env = append(os.Environ(), "PAGESESSION_BENCH_TEST=main", "TMPDIR="+dir)
	loading := make(chan string, 1)
	cmd.Stderr = &firstLine{to: loading}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-loading
	waitForFolder(t, dir)
	_ = cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err == nil || ctx.Err() != nil {
		t.Errorf("interrupted bench: %v, %v; want exit 1 at once", err, ctx.Err())
	}
	checkEmpty(t, dir)
	checkNobodyIn(t, dir)
}

// waitForFolder returns when a server has its folder: soon after, there is a
// child to be stopped.
func waitForFolder(t *testing.T, dir string) {
	t.Helper()
	for range 500 {
		if found, _ := filepath.Glob(filepath.Join(dir, "*", "memory-*")); len(found) > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the bench started no server")
}

// checkNobodyIn looks for processes that work in the folder, on Linux.
func checkNobodyIn(t *testing.T, dir string) {
	t.Helper()
	for _, link := range workersIn(dir) {
		t.Errorf("%s still works in %s", link, dir)
	}
}

func TestPlan_InterleavesAndRotates(t *testing.T) {
	opt := testOptions("memory", "stock")
	var got []string
	for _, s := range plan(measures(opt), 2) {
		got = append(got, fmt.Sprintf("%d %s %s", s.round, s.measure.name, s.peer.name))
	}
	want := []string{
		"1 refresh memory", "1 refresh stock", "1 create stock",
		"2 refresh stock", "2 refresh memory", "2 create stock",
	}
	if !slices.Equal(got, want) {
		t.Errorf("plan = %q; want %q", got, want)
	}
}

func TestParseOptions(t *testing.T) {
	for args, want := range map[string]string{
		"":                          "",
		"-duration 1s -rounds 2":    "",
		"-only memory,page":         "",
		"quick":                     "",
		"quick -client own":         "",
		"-rounds 2 quick":           "unexpected argument",
		"-only nobody":              "no peer",
		"-duration 0s":              "-duration",
		"-duration soon":            "invalid value",
		"-rounds 0":                 "-rounds",
		"-threads 9 -connections 8": "-threads",
		"-connections 5000":         "connections",
		"-sessions 0":               "-sessions",
		"-client curl":              "-client",
		"-open-rate -1":             "-open-rate",
		"-open-rate nan":            "-open-rate",
		"-open-rate 500":            "",
		"-unknown":                  "not defined",
		"memory":                    "unexpected argument",
	} {
		_, err := parseOptions(strings.Fields(args))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || exitCode(err) != exitUsage) {
			t.Errorf("parseOptions(%q) error = %v; want %q and exit 2", args, err, want)
		}
	}
}
