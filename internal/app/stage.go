package app

import "fmt"

// begin says what the start does next, in /readyz and to systemd.
func (a *app) begin(stage string) {
	a.stage.Store(&stage)
	a.process.Systemd.Status("starting: " + stage)
}

// notReady returns why /readyz is not 200, in words.
func (a *app) notReady() string {
	switch {
	case a.server.IsReady(): // Unavailable answers beyond the limit of connections
		return fmt.Sprintf("all %d connections are in use", a.server.Limits.Connections)
	case a.server.IsDraining():
		return "the server is stopping"
	}
	if stage := a.stage.Load(); stage != nil {
		return "the server is starting: " + *stage
	}
	return "the server is starting"
}
