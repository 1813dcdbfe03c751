package scenario

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
)

// The measures of the scenario sizing. Under full load one wake-up serves many requests; at a
// slow rate each request has its own, which is the most that it can cost.
const (
	measureSlow   = "slow"
	measureMemory = "memory"
)

// Figures of a session, and of a refresh between the server and Redis.
const (
	indexedBytes = "redis_bytes_with_index"
	aloneBytes   = "redis_bytes_without_index"
	toRedis      = "bytes_to_redis_per_request"
	fromRedis    = "bytes_from_redis_per_request"
	aofBytes     = "aof_bytes_per_request"
	askedBytes   = "http_bytes_of_request"
	answerBytes  = "http_bytes_of_answer"
)

func sizingScenario() Scenario {
	return Scenario{
		Name:  "sizing",
		About: "what many sessions and refreshes need, from what it measures",
		Defaults: func(o *Options) {
			o.Rounds, o.Sessions, o.Rate, o.Duration = 3, 60_000, 1000, 3*time.Second
			o.ForSessions, o.ForRefreshes = 100_000_000, 1_000_000
		},
		Flags: "duration rounds connections threads sessions seed rate client for-sessions for-refreshes results",
		Check: checkRedis, Run: runSizing, Show: showSizing,
	}
}

// A sizingRun is one run of the scenario.
type sizingRun struct {
	*Bench
	client load.Client
	store  peer.Redis
	srv    peer.Server
	ids    []string
}

// runSizing measures the memory of a session, then refreshes on one server and one Redis.
func runSizing(ctx context.Context, b *Bench) (err error) {
	r := &sizingRun{Bench: b}
	if r.client, err = load.Choose(b.Client, b.dir); err != nil {
		return err
	}
	b.Client = r.client.Name
	dir, err := os.MkdirTemp(b.dir, "sizing-")
	if err != nil {
		return err
	}
	if r.store, err = peer.StartRedis(ctx, dir, everySecond); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.store.Kill()) }()
	if err := r.memory(ctx); err != nil {
		return err
	}
	own := peer.OnRedis(peer.Product)[0]
	w := b.Workshop
	w.Redis = r.store.Addr
	if r.ids, err = own.Fill(ctx, w, b.Sessions, b.Seed); err != nil {
		return err
	}
	if r.srv, err = own.Start(ctx, w, dir); err != nil {
		return err
	}
	defer func() { _ = r.srv.Stop() }() // command refresh reports how the product stops
	return r.loads(ctx)
}

// memoryTimes is how many times -sessions are written to measure memory. Redis packs indexes
// of up to 128 entries closely, and the index is divided among 1,024: with fewer sessions than
// that the index would look too small.
const memoryTimes = 5

// memory measures what Redis needs for a session. It empties Redis before and after.
func (r *sizingRun) memory(ctx context.Context) error {
	m := report.Measurement{Measure: measureMemory, Subject: "redis", Round: 1, Figures: report.Figures{}}
	for name, noIndex := range map[string]bool{indexedBytes: false, aloneBytes: true} {
		if err := r.store.Empty(ctx); err != nil {
			return err
		}
		before, err := r.store.Info(ctx)
		if err != nil {
			return err
		}
		n := memoryTimes * r.Sessions
		if err := peer.FillRedis(ctx, r.store.Addr, n, noIndex); err != nil {
			return err
		}
		after, err := r.store.Info(ctx)
		if err != nil {
			return err
		}
		m.Figures[name] = (after["used_memory"] - before["used_memory"]) / float64(n)
	}
	r.Report.Measurements = append(r.Report.Measurements, m)
	return r.store.Empty(ctx)
}

func (r *sizingRun) loads(ctx context.Context) error {
	ctx, release := r.srv.WhileAlive(ctx)
	defer release()
	l := load.Load{URL: r.srv.URL + "/get/", IDs: r.ids, Expect: load.Live(), Connections: r.Connections, Threads: r.Threads, Duration: r.Duration}
	if _, err := load.Verify(l); err != nil {
		return err
	}
	if res, err := load.Each(ctx, l); err != nil || !res.Flawless() { // the server meets each session
		return errors.Join(err, fmt.Errorf("the first look at each session: %s", res.Counts))
	}
	for round := range r.Rounds {
		for _, measure := range []string{measureFull, measureSlow} {
			if err := r.take(ctx, measure, round+1, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// take runs one load and attributes what Redis counted meanwhile.
func (r *sizingRun) take(ctx context.Context, measure string, round int, l load.Load) error {
	m := report.Measurement{Measure: measure, Subject: peer.Product, Round: round, Figures: report.Figures{}}
	var err error
	if m.Figures[askedBytes], m.Figures[answerBytes], err = httpBytes(l); err != nil {
		return err
	}
	before, err := r.store.Info(ctx)
	if err != nil {
		return err
	}
	server, _ := r.srv.CPUTime()
	inRedis, _ := r.store.CPUTime()
	var res load.Result
	if measure == measureSlow {
		l.Rate = float64(r.Rate)
		res = load.Open(ctx, l)
	} else if res, err = r.client.Run(ctx, l); err != nil {
		return err
	}
	serverThen, _ := r.srv.CPUTime()
	inRedisThen, _ := r.store.CPUTime()
	after, err := r.store.Info(ctx)
	if err != nil || ctx.Err() != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	m.Take(res)
	n := res.Answered()
	m.Figures.TakeCPU(report.CPU, serverThen-server, n)
	m.Figures.TakeCPU(redisCPU, inRedisThen-inRedis, n)
	for figure, name := range map[string]string{toRedis: "total_net_input_bytes", fromRedis: "total_net_output_bytes", aofBytes: "aof_current_size"} {
		m.Figures[figure] = (after[name] - before[name]) / float64(max(1, n))
	}
	r.Report.Measurements = append(r.Report.Measurements, m)
	fmt.Fprintf(r.progress, "%s, round %d: %.0f requests/s, %s\n", measure, round, m.Figures[report.Rate], m.Counts)
	return nil
}

// httpBytes returns the size of a request and of its answer.
func httpBytes(l load.Load) (sent, received float64, err error) {
	conn := load.Dial(l.URL)
	defer conn.Close()
	if _, err := conn.Get("/get/", l.IDs[0]); err != nil {
		return 0, 0, err
	}
	out, in := conn.Sizes()
	return float64(out), float64(in), nil
}
