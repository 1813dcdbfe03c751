package load

import (
	"context"
	"fmt"
	"os/exec"
	"time"
)

// AnswerTimeout is how long a client waits for one answer.
const AnswerTimeout = 5 * time.Second

// A Load keeps the connections busy for the duration, one request at a time each.
// Without a rate this is a closed loop: a server that stalls is asked less, so
// its latencies look better than a visitor's would.
type Load struct {
	URL         string   // http://127.0.0.1:PORT/path/
	IDs         []string // sent in this order, round and round; empty: no cookie
	Expect      Expectation
	Connections int
	Threads     int
	Duration    time.Duration
	Rate        float64 // requests a second of an open loop; 0 in a closed one
}

// A Result is what a load gave. Only good answers count for the rate.
type Result struct {
	Counts
	Seconds float64 `json:"seconds"`
	// Latency is that of good answers; nil without any, and where the client
	// cannot tell them from failures.
	Latency *Latency `json:"latency,omitempty"`
	// Open is nil where the loop was closed.
	Open *OpenResult `json:"open,omitempty"`
}

// An OpenResult is what only an open loop can tell.
type OpenResult struct {
	Rate      float64 `json:"requests_per_second_asked"`
	Scheduled int64   `json:"scheduled"`
	Waited    int64   `json:"waited"` // were due while no connection was idle
	// Lag is by how much the client itself was late, of all requests sent.
	Lag *Latency `json:"client_lag,omitempty"`
}

// Rate is good answers a second; 0 without any.
func (r Result) Rate() float64 {
	if r.Seconds <= 0 {
		return 0
	}
	return float64(r.Good) / r.Seconds
}

// A Client puts a load on a server. When the context ends early, Run returns
// what there is so far; it is an error only when that is nothing.
type Client interface {
	Name() string
	Run(ctx context.Context, l Load) (Result, error)
}

// Choose returns the client of closed loops by its flag: wrk, own, or auto,
// which is wrk where it is installed. dir is for its files.
func Choose(name, dir string) (Client, error) {
	path, err := exec.LookPath("wrk")
	switch {
	case name == "own" || name == "auto" && err != nil:
		return Own{}, nil
	case err != nil:
		return nil, fmt.Errorf("find wrk: %w", err)
	default:
		return newWrk(path, dir)
	}
}
