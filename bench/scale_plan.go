package main

// A scaleRun is what one size gave in one round.
type scaleRun struct {
	Round    int `json:"round"`
	Sessions int `json:"sessions"`

	StartMS     float64 `json:"start_ms"`      // after a stop, until /readyz is 200
	KillStartMS float64 `json:"kill_start_ms"` // after a kill -9 under way
	StopMS      float64 `json:"stop_ms"`       // SIGTERM until the process is gone
	StartRSS    int64   `json:"start_rss"`     // when it was ready, nobody visited yet
	RSS         int64   `json:"rss"`           // under load, every session visited
	File        int64   `json:"file"`          // after the load

	First result  `json:"first"` // every session once, the first time after the start
	Load  result  `json:"load"`  // with the list that is as long for every size
	Plain *result `json:"plain"` // with the plain list; the smallest size only
	After result  `json:"after"` // some sessions, after the kill

	CPUMicros float64 `json:"cpu_us"`        // of the server, each request of Load
	Written   float64 `json:"written_bytes"` // to the disk, each request of Load
}

// scaleStep is one size in one round.
type scaleStep struct{ round, size int }

// scalePlan puts the smallest and the largest next to each other, in turn one
// and the other first: their ratio is judged.
func scalePlan(opt scaleOptions) []scaleStep {
	var steps []scaleStep
	for round := range opt.rounds {
		order := []int{opt.smallest(), opt.largest()}
		if round%2 == 1 {
			order[0], order[1] = order[1], order[0]
		}
		if len(opt.sizes) == 1 {
			order = order[:1]
		} else {
			order = append(order, opt.sizes[1:len(opt.sizes)-1]...)
		}
		for _, size := range order {
			steps = append(steps, scaleStep{round + 1, size})
		}
	}
	return steps
}
