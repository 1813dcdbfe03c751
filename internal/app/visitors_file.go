package app

import (
	"context"
	"net/netip"

	"pagesession/internal/control"
	"pagesession/internal/health"
	"pagesession/internal/monitor"
	"pagesession/internal/network"
	"pagesession/session"
	"pagesession/storage"
	"pagesession/storage/record"
)

// fileVisitors are visitors' sessions in the file in the data folder.
type fileVisitors struct{ *storage.Storage }

// openFile opens the file, and returns a nil interface with an error.
func (a *app) openFile() (visitorStore, error) {
	store, err := a.openSessions(visitorsFile, a.cfg.MaxSessions, a.cfg.IdleTimeout, a.cfg.AbsoluteTimeout)
	if err != nil {
		return nil, err
	}
	return fileVisitors{store}, nil
}

func (v fileVisitors) policyStore() session.Store { return v.Sessions() }

func (v fileVisitors) lister() control.Lister { return control.FileSessions{Storage: v.Storage} }

func (v fileVisitors) justOpened() control.Lister {
	return justOpened{control.FileSessions{Storage: v.Storage}}
}

func (v fileVisitors) counters() func() monitor.Counters { return counters(v.Storage) }

func (v fileVisitors) health() health.File { return health.Of(v.FileStatus(), health.Visitors) }

func (v fileVisitors) live() int64 { return v.Stats().Sessions }

// eachNetwork searches for nothing, which reads all values.
func (v fileVisitors) eachNetwork() func(found func(netip.Addr)) {
	return func(found func(netip.Addr)) {
		v.List(record.Query{Limit: 1, Match: func(value []byte) bool {
			addr, _ := netip.ParseAddr(session.ClientInfoOf(value).Address) // zero if it is unknown
			found(network.Of(addr))
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
