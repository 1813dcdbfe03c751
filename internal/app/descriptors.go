package app

import "log/slog"

// keptFiles is how many open files streams leave to connections and to the server itself.
// Connections end by themselves after --keep-alive at most; streams last.
const keptFiles = 2_000

// streams returns how many streams there may be: as many as asked for, but not all files that
// the system allows to be open, 0 if that is unknown. Otherwise no page would come beside them.
func streams(asked int, allowed uint64) int {
	if allowed == 0 {
		return asked
	}
	return int(min(uint64(asked), allowed-min(allowed/4, keptFiles)))
}

// maxStreams returns the limit of streams.
func (a *app) maxStreams() int { return streams(a.cfg.MaxStreams, allowedFiles()) }

// logMaxStreams logs the limit of streams if it is not the one of the settings.
func (a *app) logMaxStreams() {
	if most := a.maxStreams(); most < a.cfg.MaxStreams {
		a.log.Info("fewer streams than --max-streams, because of the system's limit of open files", slog.Int("streams", most), slog.Uint64("open-files", allowedFiles()))
	}
}
