package main

import (
	"context"
	"fmt"
	"os/exec"
	"time"
)

// A load is what a client is to do: keep the connections busy for the
// duration, each with one request at a time, and judge every answer. This is
// a closed loop: a server that stalls is asked less, so its latencies look
// better than a visitor's would.
type load struct {
	url         string   // http://127.0.0.1:PORT/path/
	ids         []string // visited in this order, round and round; empty: no cookie
	expect      expectation
	connections int
	rate        float64 // requests a second of an open loop; 0 in a closed one
	threads     int
	duration    time.Duration
}

// A result is what a load gave. Only good answers count for the rate.
type result struct {
	Good    int64   `json:"good"`
	Expired int64   `json:"expired"`
	Wrong   int64   `json:"wrong"`
	Errors  int64   `json:"errors"` // no answer: refused, broken off, timed out
	Seconds float64 `json:"seconds"`
	// Latency is that of good answers; nil where the client cannot tell
	// them from failures, or had none.
	Latency *latency `json:"latency,omitempty"`
	// Open is nil where the loop was closed.
	Open *openResult `json:"open,omitempty"`
}

// rate is good answers a second; 0 without any.
func (r result) rate() float64 {
	if r.Seconds <= 0 {
		return 0
	}
	return float64(r.Good) / r.Seconds
}

// latency holds percentiles in milliseconds.
type latency struct {
	P50  float64 `json:"p50_ms"`
	P90  float64 `json:"p90_ms"`
	P99  float64 `json:"p99_ms"`
	P999 float64 `json:"p999_ms"`
	Max  float64 `json:"max_ms"`
}

// A client puts a load on a server. When the context ends early, run returns
// what there is so far, without an error if that is a result at all.
type client interface {
	name() string
	run(ctx context.Context, l load) (result, error)
}

// answerPatience is how long a client waits for one answer.
const answerPatience = 5 * time.Second

// chooseClient returns the client by its flag. dir is for its files.
func chooseClient(name, dir string) (client, error) {
	path, err := exec.LookPath("wrk")
	switch {
	case name == "own" || name == "auto" && err != nil:
		return ownClient{}, nil
	case err != nil:
		return nil, fmt.Errorf("find wrk: %w", err)
	default:
		return newWrkClient(path, dir)
	}
}
