package app

import (
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/internal/access"
	"pagesession/internal/config"
)

// sampled is how many answers there are for one line of a sampled access log, beside the
// server's failures, which all have one. A hundredth of a busy server's answers still shows
// what visitors do, and costs a request next to nothing.
const sampled = 100

// newAccessLog returns the access log; nil if it is off.
func (a *app) newAccessLog() *access.Log {
	cfg := access.Config{To: a.log.Handler(), Every: 1, Addresses: a.cfg.ClientAddress}
	switch a.cfg.AccessLog {
	case config.AccessOn:
	case config.AccessSampled:
		cfg.Every = sampled
	default:
		return nil
	}
	return access.New(cfg)
}

// An observe is told of each answer.
type observe = func(*fasthttp.RequestCtx, time.Time)

// observer returns what is told of each answer; nil if nothing asks, so that an answer costs
// nothing.
func (a *app) observer() observe {
	var all []observe
	if a.cfg.MetricsAddr != "" {
		all = append(all, a.count)
	}
	if a.access != nil {
		all = append(all, a.access.Observe)
	}
	if a.traces != nil {
		all = append(all, a.traces.Observe)
	}
	if len(all) < 2 {
		return append(all, nil)[0]
	}
	return func(ctx *fasthttp.RequestCtx, began time.Time) {
		for _, each := range all {
			each(ctx, began)
		}
	}
}
