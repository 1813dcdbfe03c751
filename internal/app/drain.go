package app

import (
	"log/slog"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// drain serves for --drain after the signal to stop. Meanwhile /readyz is 503, so
// balancers that ask it choose other servers; and each answer closes its connection, so
// proxies keep none that the stop would end under a request.
func (a *app) drain() {
	if a.cfg.Drain == 0 || !a.server.IsReady() {
		return
	}
	a.server.Draining()
	a.log.Info("draining: serving, but not ready for new visitors; a second signal stops at once", slog.Duration("for", a.cfg.Drain))
	select {
	case <-time.After(a.cfg.Drain):
	case <-a.process.Hurry:
	case err := <-a.served:
		a.log.Error("the server stopped while draining", slog.Any("error", err))
	}
}

// holds returns which requests wait for the end of the start, see server.Config. Where several
// servers share sessions a balancer sends visitors here as soon as the port is open. A socket
// of systemd's has visitors who have waited since the last server stopped. Probes never wait.
func (a *app) holds() func(*fasthttp.RequestCtx) bool {
	if a.cfg.Sessions.IsFile() && !a.process.Systemd.HasSocket() {
		return nil
	}
	return func(ctx *fasthttp.RequestCtx) bool {
		path := string(ctx.Path())
		return !strings.HasSuffix(path, "/livez") && !strings.HasSuffix(path, "/readyz")
	}
}
