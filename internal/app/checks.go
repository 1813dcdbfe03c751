package app

import (
	"context"
	"sync/atomic"
	"time"

	"pagesession/internal/check"
)

// checksEvery is how often the server checks itself for the dashboard. It reads some files and
// counts superusers.
const checksEvery = time.Minute

// checks checks the server now and then until the stop, and returns what returns the last
// findings, without a wait. No end waits for it: a disk that hangs must not delay the stop.
func (a *app) checks() func() []check.Finding {
	began, last := time.Now(), new(atomic.Pointer[[]check.Finding])
	go func() {
		ticker := time.NewTicker(checksEvery)
		defer ticker.Stop()
		for {
			found := a.findings(began)
			last.Store(&found)
			select {
			case <-a.done:
				return
			case <-ticker.C:
			}
		}
	}()
	return func() []check.Finding {
		if found := last.Load(); found != nil {
			return *found
		}
		return nil
	}
}

// findings returns what the dashboard shows. What only matters for visitors is left out as long
// as none can come. The dashboard's banner has ignored proxies and
// failed backups.
func (a *app) findings(began time.Time) []check.Finding {
	f := a.factsServing(context.Background(), began)
	f.Serving.Untrusted, f.Serving.BackupFailed = "", false
	return check.Find(f, f.Settings.Reaches())
}
