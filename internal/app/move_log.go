package app

import (
	"log/slog"
	"time"

	"pagesession/internal/health"
)

// lookEvery is how often report looks how a move goes.
const lookEvery = 200 * time.Millisecond

// report logs that a move pauses, continues, and has ended.
func (v *movableVisitors) report() {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for paused := false; ; {
		select {
		case <-tick.C:
		case <-v.ends:
			return
		}
		now, _ := v.store.Progress()
		switch {
		case now.Done:
			v.log.Warn("all sessions have moved, and are served from there; "+health.NewSetting(now.To),
				slog.String("to", now.To), slog.Int("moved", now.Moved), slog.Duration("took", now.Ended.Sub(now.Began)))
			return
		case now.Paused != nil && !paused:
			v.log.Warn("the move of sessions is paused; trying again each second", slog.String("to", now.To), slog.Any("error", now.Paused))
		case now.Paused == nil && paused:
			v.log.Info("sessions are moving again", slog.String("to", now.To))
		}
		paused = now.Paused != nil
	}
}
