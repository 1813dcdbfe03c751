package load

import (
	"context"
	"fmt"
	"os/exec"
	"time"
)

// AnswerTimeout is how long a client waits for one answer.
const AnswerTimeout = 5 * time.Second

// A Load keeps the connections busy, one request at a time each. Without a rate it is a
// closed loop: a server that stalls is asked less, so its latencies look better.
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
	Seconds float64
	Latency *Latency // of good answers; nil without any, or where failures are among them

	// What only an open loop has.
	Asked     float64 // requests a second
	Scheduled int64
	Waited    int64    // were due while no connection was idle
	Lag       *Latency // by how much the client itself was late, of all requests sent
}

// Rate is good answers a second; 0 without any.
func (r Result) Rate() float64 {
	if r.Seconds <= 0 {
		return 0
	}
	return float64(r.Good) / r.Seconds
}

// A Client puts a load on a server until the context ends, and returns what there is.
type Client struct {
	Name string // that of the flag
	Run  func(ctx context.Context, l Load) (Result, error)
}

// Choose returns the client of closed loops; auto is wrk where it is installed.
func Choose(name, dir string) (Client, error) {
	path, err := exec.LookPath("wrk")
	switch {
	case name == "own" || name == "auto" && err != nil:
		return Own(), nil
	case err != nil:
		return Client{}, fmt.Errorf("find wrk: %w", err)
	default:
		return newWrk(path, dir)
	}
}
