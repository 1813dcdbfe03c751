package app

import (
	"context"
	"net/netip"

	"pagesession/internal/control"
	"pagesession/internal/health"
	"pagesession/internal/metrics"
	"pagesession/internal/monitor"
	"pagesession/internal/move"
	"pagesession/internal/network"
	"pagesession/session"
	"pagesession/storage"
	"pagesession/storage/record"
)

// fileVisitors are visitors' sessions in the file in the data folder.
type fileVisitors struct{ *storage.Storage }

// openFile opens the file, and returns a nil interface with an error. moving opens it also if
// its sessions are moving.
func (a *app) openFile(moving bool) (visitorStore, error) {
	cfg := a.fileConfig(visitorsFile, a.cfg.MaxSessions, a.cfg.IdleTimeout, a.cfg.AbsoluteTimeout)
	cfg.Moving = moving
	store, err := storage.OpenContext(a.starting, cfg)
	if err != nil {
		return nil, err
	}
	return fileVisitors{store}, nil
}

func (v fileVisitors) side() move.Side { return move.FileOf(v.Storage) }

func (fileVisitors) place() string { return health.FilePlace }

func (v fileVisitors) lister() control.Lister { return control.FileSessions{Storage: v.Storage} }

func (v fileVisitors) justOpened() control.Lister {
	return justOpened{control.FileSessions{Storage: v.Storage}}
}

func (v fileVisitors) counters() func() monitor.Counters { return counters(v.Storage) }

func (v fileVisitors) read(r *metrics.Reading) {
	stats := v.Stats()
	r.File, r.Live = &stats, stats.Sessions
}

func (v fileVisitors) health() health.File { return health.Of(v.FileStatus(), health.Visitors) }

func (v fileVisitors) live() int64 { return v.Stats().Sessions }

// eachNetwork searches for nothing, which reads all values.
func (v fileVisitors) eachNetwork(kept network.Kept) func(found func(netip.Addr)) {
	return func(found func(netip.Addr)) {
		v.List(record.Query{Limit: 1, Match: func(value string) bool {
			found(kept.Of(network.ParseAddr(session.ClientInfoOf(value).Address)))
			return false
		}})
	}
}

// justOpened is a storage that was opened a moment ago. Its Sweep also counts the expired
// sessions that opening has dropped.
type justOpened struct{ control.FileSessions }

func (f justOpened) Sweep(ctx context.Context) (int, error) {
	n, err := f.FileSessions.Sweep(ctx)
	return f.Stats().Dropped + n, err
}
