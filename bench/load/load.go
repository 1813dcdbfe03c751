package load

import (
	"context"
	"fmt"
	"os/exec"
	"time"
)

// AnswerTimeout is how long a client waits for one answer.
const AnswerTimeout = 5 * time.Second

// A Load keeps its connections busy; each sends one request at a time. Without a rate it is
// a closed loop: while the server stalls few requests are sent, so latencies look better.
type Load struct {
	URL         string   // http://127.0.0.1:PORT/path/
	IDs         []string // sent in this order, again and again; without any, requests have no cookie
	Expect      Expectation
	Connections int
	Threads     int
	Duration    time.Duration
	Rate        float64 // requests a second of an open loop; 0 for a closed one
}

// A Result has the answers and times of a load.
type Result struct {
	Counts
	Seconds float64
	Latency *Latency // of good answers; nil without any, or where it would include failures

	// The rest is of an open loop.
	Asked     float64 // requests a second
	Scheduled int64
	Waited    int64    // requests that were due while all connections were busy
	Lag       *Latency // how late the client itself was, of all requests sent
}

// Rate returns the good answers a second; 0 without any.
func (r Result) Rate() float64 {
	if r.Seconds <= 0 {
		return 0
	}
	return float64(r.Good) / r.Seconds
}

// A Client puts a load on a server. When the context ends early it returns the result so far.
type Client struct {
	Name string // as in -client
	Run  func(ctx context.Context, l Load) (Result, error)
}

// Choose returns a client of closed loops by its name; auto is wrk where that is installed.
// dir is for the client's files.
func Choose(name, dir string) (Client, error) {
	path, err := exec.LookPath("wrk")
	switch {
	case name == "own" || name == "auto" && err != nil:
		return Own(), nil
	case err != nil:
		return Client{}, fmt.Errorf("find wrk: %w; install it or choose -client own", err)
	default:
		return newWrk(path, dir)
	}
}
