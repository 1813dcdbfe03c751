package app

import (
	"math"
	"runtime/debug"
	"time"

	"pagesession/internal/disk"
	"pagesession/internal/health"
	"pagesession/internal/metrics"
	"pagesession/internal/monitor"
	"pagesession/storage"
)

// spaceTime bounds how long /readyz?verbose waits for the file system.
const spaceTime = 500 * time.Millisecond

// uses returns each limit and its use, for /readyz?verbose.
func (a *app) uses() []health.Use {
	r := metrics.Reading{Server: a.server.Stats()}
	a.visitors.read(&r)
	a.readLimits(&r)
	var list []health.Use
	for _, u := range r.Uses {
		list = append(list, health.Use{Of: useNames()[u.Of], Used: int64(u.Used), Most: int64(u.Most)})
	}
	if r.File != nil {
		list = append(list, fileUses(r.File, maxData(a.cfg.MaxSessions))...)
	}
	memory, limit := monitor.Memory(), debug.SetMemoryLimit(-1) // asks only
	if a.memory > 0 {
		limit = min(limit, a.memory)
	}
	if limit == math.MaxInt64 {
		limit = 0
	}
	return append(list, a.spaceUse(),
		health.Use{Of: "memory", Used: memory, Most: limit, Bytes: true},
		health.Use{Of: "open files", Used: usedFiles(), Most: int64(min(allowedFiles(), math.MaxInt64))})
}

// useNames are the words for metrics.Limits.
func useNames() map[string]string {
	return map[string]string{
		"sessions": "sessions", "client_sessions": "sessions of the network with most",
		"connections": "connections", "client_connections": "connections of the network with most",
		"streams": "streams", "client_streams": "streams of the network with most",
	}
}

func fileUses(s *storage.Stats, mostData int64) []health.Use {
	limits := storage.ConfigDefault
	return []health.Use{
		{Of: "changes waiting for the disk", Used: int64(s.Queued), Most: int64(limits.QueueSize)},
		{Of: "data of sessions", Used: s.ValueBytes, Most: mostData, Bytes: true},
		{Of: "session file", Used: s.FileBytes, Most: limits.MaxFileBytes, Bytes: true},
	}
}

// spaceUse returns how full the disk of the data folder is; unknown while the file system does
// not answer, which one question at a time waits for.
func (a *app) spaceUse() health.Use {
	unknown := health.Use{Of: "disk space", Used: -1, Bytes: true}
	if !a.asking.TryLock() {
		return unknown
	}
	found := make(chan health.Use, 1)
	go func() {
		u := unknown
		if free, size, err := disk.Free(a.cfg.DataDir); err == nil {
			u.Used, u.Most = size-free, size
		}
		a.asking.Unlock()
		found <- u
	}()
	select {
	case u := <-found:
		return u
	case <-time.After(spaceTime):
		return unknown
	}
}
