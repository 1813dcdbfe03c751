package servers

import (
	"context"
	"time"

	"pagesession/storage/redis"
)

// An Offer is what one of the servers offers in the name of all, such as a link that works on
// each of them.
type Offer struct {
	Digest string        // of the secret in it
	Lasts  time.Duration // from when it is made
	// Wanted reports whether it is still wanted. It is asked before the offer is made, and
	// each wantedEvery while another server makes one.
	Wanted func(context.Context) bool
	// Made is called when this server makes the offer.
	Made func()
}

// wantedEvery is how often a server that waits asks whether an offer is still wanted.
const wantedEvery = 10 * time.Second

// Offer makes an offer, unless another server has made one that lasts. When that server goes,
// this one makes its own. The offer ends with its time, or when this server is closed. The
// first attempt is made before Offer returns.
func (g *Group) Offer(o Offer) {
	made, more := g.offer(o, time.Time{})
	if !more {
		return
	}
	g.done.Go(func() {
		tick := time.NewTicker(announceEvery)
		defer tick.Stop()
		for asked := time.Now(); more; {
			select {
			case <-g.ctx.Done():
				g.takeBack(o)
				return
			case <-tick.C:
			}
			if made.IsZero() && time.Since(asked) >= wantedEvery {
				if asked = time.Now(); !o.Wanted(g.ctx) {
					return
				}
			}
			made, more = g.offer(o, made)
		}
		g.takeBack(o)
	})
}

// offer makes an offer or renews it. made is when it was made, zero for not yet. It returns
// when it was made, and whether to go on.
func (g *Group) offer(o Offer, made time.Time) (time.Time, bool) {
	if !made.IsZero() && time.Since(made) >= o.Lasts {
		return made, false
	}
	kept, err := g.cfg.Board.Keep(g.ctx, firstName, o.Digest, redis.MemberStays)
	switch {
	case err != nil:
		return made, true // the board is away, and the offer lapses meanwhile
	case kept != o.Digest:
		return time.Time{}, true
	case !made.IsZero():
		return made, true
	case !o.Wanted(g.ctx):
		g.takeBack(o)
		return made, false
	}
	o.Made()
	return time.Now(), true
}

func (g *Group) takeBack(o Offer) {
	ctx, cancel := context.WithTimeout(context.Background(), announceEvery)
	defer cancel()
	_, _ = g.cfg.Board.Drop(ctx, firstName, o.Digest) // else it lapses
}

// Offered returns the digest of the offer that lasts; "" if there is none. Errors:
// record.ErrUnavailable, the context's.
func (g *Group) Offered(ctx context.Context) (string, error) {
	return g.cfg.Board.Kept(ctx, firstName)
}
