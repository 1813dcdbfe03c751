package scenario

import (
	"context"
	"errors"
	"fmt"
	"os"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
)

// Figures of a load on Redis. CPU has that of the server alone.
const (
	redisCPU = "redis_cpu_us_per_request"
	allCPU   = "server_and_redis_cpu_us_per_request"
)

// warmUp is how many times longer than the load its first part takes, which does not
// count. A server meets the sessions of the load for the first time in it.
const warmUp = 2

// take starts a Redis and the peer in a new folder, puts the load on them and stops them.
func (r *redisRun) take(ctx context.Context, s step) (m report.Measurement, err error) {
	m = report.Measurement{Measure: s.measure.name, Subject: s.peer.Name, Round: s.round, Figures: report.Figures{}}
	dir, err := os.MkdirTemp(r.dir, s.peer.Name+"-")
	if err != nil {
		return m, fmt.Errorf("create a folder for the server: %w", err)
	}
	defer os.RemoveAll(dir)
	store, err := peer.StartRedis(ctx, dir, s.measure.name)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, store.Kill()) }()
	w := r.Workshop
	w.Redis = store.Addr
	ids, err := s.peer.Fill(ctx, w, r.Sessions, r.Seed)
	if err != nil {
		return m, err
	}
	srv, err := s.peer.Start(ctx, w, dir)
	if err != nil {
		return m, err
	}
	res, err := r.load(ctx, srv, store, r.loadOf(srv, s, ids), m.Figures)
	m.Take(res)
	_ = srv.Stop() // command refresh reports how the product stops
	return m, err
}

func (r *redisRun) loadOf(srv peer.Server, s step, ids []string) load.Load {
	return load.Load{
		URL: srv.URL + s.measure.path, IDs: ids, Expect: load.Live(),
		Connections: s.measure.connections, Threads: r.Threads, Duration: s.measure.duration,
	}
}

// load checks that the server tells a live id from a made-up one, warms up, and runs the
// load.
func (r *redisRun) load(ctx context.Context, srv peer.Server, store peer.Redis, l load.Load, f report.Figures) (load.Result, error) {
	ctx, release := srv.WhileAlive(ctx)
	defer release()
	size, err := load.Verify(l)
	if err != nil {
		return load.Result{}, err
	}
	f[report.Size] = float64(size)
	first := l
	first.Duration *= warmUp
	if _, err := r.client.Run(ctx, first); err != nil {
		return load.Result{}, err
	}
	server, known := srv.CPUTime()
	inRedis, _ := store.CPUTime()
	res, err := r.client.Run(ctx, l)
	serverThen, still := srv.CPUTime()
	inRedisThen, _ := store.CPUTime()
	if known && still {
		f.TakeCPU(report.CPU, serverThen-server, res.Answered())
		f.TakeCPU(redisCPU, inRedisThen-inRedis, res.Answered())
		f.TakeCPU(allCPU, serverThen-server+inRedisThen-inRedis, res.Answered())
	}
	return res, err
}
