package app

import (
	"time"

	"pagesession/internal/certificate"
)

// reload keeps the certificates up to date until ended is closed: it reloads them for each
// signal from Hangups, and looks regularly for changes.
func (a *app) reload(ended <-chan struct{}) {
	ticker := time.NewTicker(certificate.CheckInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ended:
			return
		case <-a.process.Hangups:
			a.process.Systemd.Reload(a.hangUp)
		case <-ticker.C:
			if a.certificates != nil {
				a.certificates.Check()
			}
		}
	}
}

// hangUp does what SIGHUP asks for.
func (a *app) hangUp() {
	if a.certificates == nil {
		a.log.Info("SIGHUP: nothing to reload; the server goes on")
		return
	}
	a.certificates.Reload()
}
