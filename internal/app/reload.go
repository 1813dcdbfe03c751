package app

import (
	"os"
	"time"

	"pagesession/internal/certificate"
)

// reload keeps the certificates up to date until ended is closed: it reloads them for each
// signal from hangups, and looks regularly for changes.
func (a *app) reload(hangups <-chan os.Signal, ended <-chan struct{}) {
	ticker := time.NewTicker(certificate.CheckInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ended:
			return
		case <-hangups:
			a.hangUp()
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
