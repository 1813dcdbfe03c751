package servers

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"pagesession/storage/redis"
)

// A refused start waits for servers that may have crashed a moment ago: their announcements
// lapse within redis.MemberStays. One that is renewed meanwhile shows that its server runs.
const (
	lapseTime = redis.MemberStays + 2*time.Second
	lookEvery = 250 * time.Millisecond
)

// Config is what Join needs.
type Config struct {
	Board Board
	// Info returns what this server tells of itself now. It is called once a second, and
	// must not wait.
	Info func() Info
	// Fits is asked at the start, once this server is announced and fits to the others: its
	// error refuses the start. nil: nothing else has to fit.
	Fits   func(context.Context) error
	Logger *slog.Logger
}

// Join announces this server, and returns when it matches the servers that were there before.
// Otherwise the error says what to do, and nothing is left on the board. The servers that are there
// are not disturbed: of two that start at the same time, the one that was announced first goes
// on. While the board is away, Join waits. Other errors are the context's, and record.ErrFull
// if there are too many servers.
func Join(ctx context.Context, cfg Config) (*Group, error) {
	g := &Group{cfg: cfg, id: rand.Text()}
	if err := g.enter(ctx); err != nil {
		g.withdraw()
		return nil, err
	}
	g.ctx, g.stop = context.WithCancel(context.Background())
	g.beat(g.ctx)
	g.done.Go(func() { g.run(g.ctx) })
	return g, nil
}

// enter returns nil when this server matches the others.
func (g *Group) enter(ctx context.Context) error {
	var before []peer
	err := patiently(ctx, g.cfg.Logger, func() (err error) { before, err = g.look(ctx); return err })
	if err != nil {
		return err
	}
	// Only those of the first answer were there before. All of them are compared again and
	// again until they match or are gone.
	known := map[string]time.Duration{}
	for _, p := range before {
		known[p.id] = p.left
	}
	for begun, logged := time.Now(), false; ; {
		text, alive := g.misfit(before, known)
		switch {
		case text == "" && g.cfg.Fits == nil:
			return nil
		case text == "":
			return patiently(ctx, g.cfg.Logger, func() error { return g.cfg.Fits(ctx) })
		case alive, time.Since(begun) >= lapseTime:
			return errors.New(text)
		case !logged:
			logged = true
			g.cfg.Logger.Info("waiting to see whether another server still runs, or was killed a moment ago", slog.String("otherwise", text), slog.Duration("at_most", lapseTime))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lookEvery):
		}
		err := patiently(ctx, g.cfg.Logger, func() (err error) { before, err = g.look(ctx); return err })
		if err != nil {
			return err
		}
	}
}

// misfit returns why this server does not match one of those that were there before, and
// whether that one has renewed its announcement since. known has what was left of each.
func (g *Group) misfit(before []peer, known map[string]time.Duration) (text string, alive bool) {
	own := g.cfg.Info()
	for i := range before {
		p := &before[i]
		left, ok := known[p.id]
		why := clash(&own, &p.Info)
		if !ok || why == "" {
			continue
		}
		if known[p.id] = p.left; p.left > left {
			return why, true
		}
		text = why
	}
	return text, false
}

// look announces this server as one that starts, and returns the others.
func (g *Group) look(ctx context.Context) ([]peer, error) {
	return g.announce(ctx, func(i *Info) { i.Starting = true })
}

func (g *Group) announce(ctx context.Context, change func(*Info)) ([]peer, error) {
	info := g.cfg.Info()
	change(&info)
	data, err := json.Marshal(info)
	if err != nil {
		return nil, fmt.Errorf("announce this server: %w", err)
	}
	members, err := g.cfg.Board.Announce(ctx, redis.Member{ID: g.id, Data: data})
	return peersOf(members, g.id), err
}

// withdraw takes the announcement away. If the board is away, it lapses.
func (g *Group) withdraw() {
	ctx, cancel := context.WithTimeout(context.Background(), announceEvery)
	defer cancel()
	_ = g.cfg.Board.Withdraw(ctx, g.id)
}
