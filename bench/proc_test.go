package main

import (
	"os"
	"strings"
	"testing"
	"time"
)

const (
	procStatus = "Name:\tpagesession\nVmPeak:\t  999 kB\nVmRSS:\t    2048 kB\nThreads:\t11\n"
	procStat   = "42 (a b) c) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 11 0 7 8 9"
	procIO     = "rchar: 1\nwchar: 2\nread_bytes: 3\nwrite_bytes: 8192\ncancelled_write_bytes: 4\n"
)

func TestParseUsage(t *testing.T) {
	got, err := parseUsage(procStatus, procStat, procIO)
	want := usage{RSS: 2 << 20, Threads: 11, CPU: 3 * time.Second, Written: 8192}
	if err != nil || got != want {
		t.Errorf("parseUsage = %+v, %v; want %+v", got, err, want)
	}
}

func TestParseUsage_Errors(t *testing.T) {
	for name, test := range map[string]struct{ status, stat, io, want string }{
		"no memory":    {"Threads: 1\n", procStat, procIO, "no VmRSS"},
		"no threads":   {"VmRSS: 1 kB\n", procStat, procIO, "no Threads"},
		"not a number": {strings.Replace(procStatus, "2048", "many", 1), procStat, procIO, "many"},
		"short stat":   {procStatus, "42 (x) S 1", procIO, "odd stat"},
		"no writes":    {procStatus, procStat, "cancelled_write_bytes: 4\n", "no write_bytes"},
	} {
		if _, err := parseUsage(test.status, test.stat, test.io); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: parseUsage error = %v; want %q in it", name, err, test.want)
		}
	}
}

func TestLookAt(t *testing.T) {
	if _, err := os.Stat("/proc/self/io"); err != nil {
		t.Skipf("only where there is a /proc: %v", err)
	}
	got, err := lookAt(os.Getpid())
	if err != nil || got.RSS < 1<<20 || got.Threads < 1 || got.Files < 3 {
		t.Errorf("lookAt = %+v, %v; want this process", got, err)
	}
	if _, err := lookAt(1 << 30); err == nil {
		t.Error("lookAt of no process = nil; want an error")
	}
}
