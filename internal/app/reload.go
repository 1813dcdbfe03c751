package app

import "os"

// reload logs each signal from hangups until ended is closed.
func (a *app) reload(hangups <-chan os.Signal, ended <-chan struct{}) {
	for {
		select {
		case <-ended:
			return
		case <-hangups:
			a.log.Info("SIGHUP: nothing to reload; the server goes on")
		}
	}
}
