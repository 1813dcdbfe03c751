package systemd

import (
	"log/slog"
	"os"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"
)

// Take returns the Service of this process; nil if systemd has not started it. It can do so
// once: it takes what it finds out of the environment, except NOTIFY_SOCKET.
func Take(log *slog.Logger) *Service {
	files := activation.Files(true)
	watchdog, err := daemon.SdWatchdogEnabled(true)
	if err != nil {
		log.Warn("the watchdog of systemd is off", slog.Any("error", err))
	}
	if len(files) == 0 && os.Getenv("NOTIFY_SOCKET") == "" {
		return nil
	}
	return &Service{
		Watchdog: watchdog, log: log, files: files,
		send: func(lines string) error { _, err := daemon.SdNotify(false, lines); return err },
	}
}
