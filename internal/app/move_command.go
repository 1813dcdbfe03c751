package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"pagesession/internal/config"
	"pagesession/internal/control"
	"pagesession/internal/health"
	"pagesession/internal/move"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// moveSessions moves the sessions of a running server, or tells how far that is.
func (a *app) moveSessions(ctx context.Context, q control.MoveTarget) (control.MoveState, error) {
	v := a.visitors
	v.moving.Lock()
	defer v.moving.Unlock()
	now, moved := v.store.Progress()
	at, from := v.sides()
	switch {
	case moved && now.To == q.To && at.place() == q.To:
		return stateOf(now, false, true), nil
	case from != nil:
		return control.MoveState{}, fmt.Errorf("sessions are moving to %s already; wait until that is done", now.To)
	case at.place() == q.To:
		return control.MoveState{From: q.To, To: q.To, Done: true, Server: true}, nil
	}
	to, err := a.openTarget(ctx, at, q)
	if err != nil {
		return control.MoveState{}, err
	}
	fit := func(ctx context.Context) error { return notShared(ctx, at, a.group.Load().ID()) }
	if err := v.begin(ctx, to, markOf(at, to), fit); err != nil {
		return control.MoveState{}, errors.Join(err, closeVisitors(to))
	}
	now, _ = v.store.Progress()
	return stateOf(now, true, true), nil
}

// openTarget checks that sessions may move from a store to the target, and opens it.
func (a *app) openTarget(ctx context.Context, from visitorStore, q control.MoveTarget) (visitorStore, error) {
	if q.To == health.FilePlace {
		if err := notShared(ctx, from, a.group.Load().ID()); err != nil {
			return nil, err
		}
		return a.openFile(true)
	}
	if from.place() != health.FilePlace {
		return nil, fmt.Errorf("sessions are in %s; move them to the file first, with --to file", from.place())
	}
	cfg, err := a.targetConfig(q)
	if err != nil {
		return nil, err
	}
	settings, err := redisConfig(&cfg)
	if err != nil {
		return nil, err
	}
	settings.Logger, settings.Moving = a.log, true
	store, err := redis.Open(ctx, settings)
	if err != nil {
		return nil, withRedisCure(err)
	}
	if err := movesNoneAway(ctx, store); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return redisVisitors{store, cfg.Sessions.String()}, nil
}

// targetConfig returns the settings of a server with the Redis of a request.
func (a *app) targetConfig(q control.MoveTarget) (cfg config.Config, err error) {
	cfg = a.cfg
	if limits := cfg.FileLimits(); len(limits) > 0 {
		return cfg, fmt.Errorf("%s has no effect with Redis, where maxmemory bounds the sessions, so a later start would be refused; restart the server without it, then move the sessions", strings.Join(limits, " and "))
	}
	if cfg.Sessions, err = config.ParseSessionServer(q.To); err != nil {
		return cfg, fmt.Errorf("--to %w", err)
	}
	cfg.Sessions.Password, cfg.Sessions.SentinelPassword = string(q.Password), string(q.SentinelPassword)
	cfg.SessionsCA, cfg.SessionsCert, cfg.SessionsKey, cfg.RedisWait = q.CA, q.Cert, q.Key, q.RedisWait
	return cfg, nil
}

func stateOf(now move.Progress, begun, server bool) control.MoveState {
	st := control.MoveState{
		From: now.From, To: now.To, Moved: now.Moved, Of: max(now.Of, now.Moved), Done: now.Done, Began: now.Began, Begun: begun, Server: server,
	}
	if now.Paused != nil {
		st.Paused = now.Paused.Error()
	}
	end := now.Ended
	if !now.Done {
		end = time.Now()
	}
	st.TookMS = end.Sub(now.Began).Milliseconds()
	return st
}

// progressEvery is how often a move without a server tells how far it is.
const progressEvery = 300 * time.Millisecond

// moveStopped moves the sessions without a server, and returns when all have moved or ctx is
// done. Then the move can go on later.
func (a *app) moveStopped(ctx context.Context, q control.MoveTarget) (st control.MoveState, err error) {
	if q.Watch {
		return st, errors.New("the server has stopped before all sessions had moved; start it with --sessions and the URL of Redis, and it continues the move")
	}
	mark, err := a.markOfFile()
	if err != nil {
		return st, err
	}
	if mark == (record.Move{Way: record.MovedTo, Place: q.To}) {
		return control.MoveState{From: q.To, To: q.To, Done: true}, nil
	}
	from, err := a.openSource(q, mark)
	if err != nil {
		return st, err
	}
	v := newMovable(from, slog.New(slog.DiscardHandler)) // the command says it
	defer func() { err = errors.Join(err, v.Close()) }()
	to, err := a.openTarget(ctx, from, q)
	if err != nil {
		return st, err
	}
	fit := func(ctx context.Context) error { return notShared(ctx, from, "") }
	if err := v.begin(ctx, to, markOf(from, to), fit); err != nil {
		return st, errors.Join(err, closeVisitors(to))
	}
	for {
		now, _ := v.store.Progress()
		if st = stateOf(now, true, false); now.Done {
			return st, nil
		}
		if q.Progress != nil {
			q.Progress(st)
		}
		select {
		case <-time.After(progressEvery):
		case <-ctx.Done():
			return st, errors.New("the move has stopped; to go on, run the command again, or start the server with --sessions and the URL of Redis")
		}
	}
}

// openSource opens the store that a stopped server's sessions are in. mark is that of the
// session file.
func (a *app) openSource(q control.MoveTarget, mark record.Move) (visitorStore, error) {
	if q.To != health.FilePlace {
		if mark.Place != "" && (mark.Place != q.To || mark.Way == record.MovingFrom) {
			return nil, withMoveCure(&record.MovedError{Move: mark})
		}
		return a.openFile(true)
	}
	if a.cfg.Sessions.IsFile() {
		return nil, errors.New("name the Redis that has the sessions with --sessions")
	}
	if mark.Way == record.MovingTo {
		return nil, withMoveCure(&record.MovedError{Move: mark})
	}
	return a.openRedis(true)
}
