package app

import (
	"log/slog"
	"math"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/internal/disk"
	"pagesession/internal/health"
	"pagesession/internal/metrics"
	"pagesession/internal/servers"
	"pagesession/internal/systemd"
)

// serveMetrics answers Prometheus on --metrics-addr. An error says what to do.
func (a *app) serveMetrics() error {
	addr := a.cfg.MetricsAddr
	if addr == "" {
		return nil
	}
	ln, err := a.listenOn(addr, systemd.Metrics, "--metrics-addr", ", or leave it out")
	if err != nil {
		return err
	}
	served, err := metrics.Serve(ln, servers.Version(), a.log)
	if err != nil {
		return err
	}
	a.metrics.Store(served)
	at := "http://" + ln.Addr().String() + metrics.Path
	if ln.Addr().Network() == "unix" {
		at = "unix:" + ln.Addr().String()
	}
	a.log.Info("answering Prometheus", slog.String("metrics", at))
	return nil
}

// count counts an answer for Prometheus.
func (a *app) count(ctx *fasthttp.RequestCtx, began time.Time) {
	if m := a.metrics.Load(); m != nil { // the first request may come before
		m.Requests.Observe(ctx, began)
	}
}

// reading reads what the server has counted. It waits for the disk and asks neither Redis nor the
// accounts' database.
func (a *app) reading() metrics.Reading {
	r := metrics.Reading{
		Ready: a.server.IsReady(), Server: a.server.Stats(), SignIns: a.accounts.SignIns(),
		AccessDropped: a.access.Dropped(), LinesDropped: a.process.Dropped(),
		Servers: len(a.group.Load().Servers()), Notices: len(a.group.Load().Notices()), Parts: a.parts(),
	}
	a.visitors.read(&r)
	if file, ok := a.console.(fileOperators); ok {
		r.Operators = file.Stats().Sessions
	}
	r.Backups = a.backups.schedule.State()
	if live := a.monitor.Latest("sessions"); r.Redis != nil && !math.IsNaN(live) {
		r.Live = int64(live)
	}
	r.DiskFree, r.DiskSize, _ = disk.Free(a.cfg.DataDir) // 0 if it is unknown
	r.Memory = a.memoryUses()
	a.readLimits(&r)
	return r
}

// readLimits fills the limits, how much of them is used, and what was refused.
func (a *app) readLimits(r *metrics.Reading) {
	refused, ofNetwork := a.creations.Stats()
	r.Refused = refused
	limits, used := a.server.Limits, r.Server
	r.Uses = []metrics.Use{
		{Of: "connections", Used: used.Connections, Most: limits.Connections},
		{Of: "client_connections", Used: used.OfNetwork, Most: limits.ForNetwork},
		{Of: "streams", Used: used.Streams, Most: limits.Streams},
		{Of: "client_streams", Used: used.StreamsOfNetwork, Most: limits.ForNetwork},
	}
	if r.Redis == nil { // there its maxmemory is the limit
		r.Uses = append(r.Uses, metrics.Use{Of: "sessions", Used: int(r.Live), Most: a.cfg.MaxSessions},
			metrics.Use{Of: "client_sessions", Used: ofNetwork, Most: a.mostOfNetwork()})
	}
}

// parts returns the states of what the server consists of.
func (a *app) parts() []metrics.Part {
	visitors := worst(a.visitors.health())
	parts := []metrics.Part{{Name: "visitors", State: visitors}, {Name: "operators", State: visitors}}
	if own := a.console.health(); len(own) > 0 {
		parts[1].State = worst(own)
	}
	since, err := a.accounts.Health()
	return append(parts, metrics.Part{Name: "accounts", State: health.Accounts(a.accountsPath(), since, err).State})
}

// worst returns the first state that is not ok; during a move there are two stores.
func worst(files []health.File) string {
	for _, f := range files {
		if !f.OK() {
			return f.State
		}
	}
	return files[0].State
}
