package redis

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"pagesession/storage/record"
)

// maxRunning is how many calls may run at once. It is below what the connections can hold,
// so that no call waits for room behind a server that has stopped.
const maxRunning = 4096

// The pause before a command is sent again.
const retryAfter, retryJitter = 5 * time.Millisecond, 20 * time.Millisecond

// do runs send, which sends commands about keys of a tag. If the connection was lost or the
// server was not ready, it runs it again; so the commands have to be ones that may be
// repeated. The error is nil, the context's, or one of wrap.
func (s *Store) do(ctx context.Context, tag int, send func(context.Context) error) error {
	if err := s.enter(ctx, tag); err != nil {
		return err
	}
	defer s.running.Add(-1)
	begun := s.clock.since()
	limited, cancel := s.limits.of(ctx, begun)
	defer cancel()
	err := send(limited)
	if v := judge(err); (v == again || v == moving) && pause(limited, retryAfter+jitter(retryJitter)) {
		s.retries.Add(1)
		err = send(limited)
	}
	s.tally.call(s.clock.since() - begun)
	return s.leave(ctx, tag, err)
}

func (s *Store) enter(ctx context.Context, tag int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	switch {
	case s.closed.Load():
		return ErrClosed
	case !s.breaker(tag).allow(s.clock.since()):
		return errAway
	}
	if s.running.Add(1) > maxRunning {
		s.running.Add(-1)
		return errBusy
	}
	return nil
}

// leave tells the breaker how a call went, and returns the call's error.
func (s *Store) leave(ctx context.Context, tag int, err error) error {
	v := judge(err)
	if v == fine {
		s.breaker(tag).succeeded()
		return nil
	}
	if gone := ctx.Err(); gone != nil {
		return gone
	}
	if s.closed.Load() {
		return ErrClosed
	}
	if v == again || v == away {
		s.cause.Store(&err)
		s.breaker(tag).failed(s.clock.since())
	} else {
		s.breaker(tag).succeeded()
	}
	return wrap(v, err)
}

// breaker returns the breaker of a tag. In a Cluster each tag has its own, since its slot
// may be on any node.
func (s *Store) breaker(tag int) *breaker {
	if !s.cfg.Cluster {
		tag = 0
	}
	return &s.breakers[tag]
}

// pause waits; it returns false if the context is done before.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// An answer is what a script answers.
type answer struct {
	outcome int64
	now     int64                  // Redis's clock
	value   []byte                 // a live value or a tombstone
	left    int64                  // what is left of the key, in milliseconds; -1: no end
	each    []rueidis.RedisMessage // of a script about many sessions: an outcome and a value of each
}

// run runs a script on the keys of a session. An empty second argument becomes the instant
// after which the script changes nothing: when the caller gives up. If the script finds that
// this has passed, although it has not, the node's clock is ahead of the others, and run
// tries again by the node's clock.
func (s *Store) run(ctx context.Context, script *rueidis.Lua, tag int, keys []string, args ...string) (a answer, err error) {
	bounded := len(args) > 1 && args[1] == ""
	now := s.clock.atLeast()
	for range 2 {
		begun := s.clock.since()
		if bounded {
			args[1] = number(now + s.cfg.CommandTimeout.Milliseconds())
		}
		err = s.do(ctx, tag, func(ctx context.Context) (err error) {
			a, err = parseAnswer(script.Exec(ctx, s.client, keys, args))
			return err
		})
		if err != nil || a.outcome != outcomeLate {
			return a, err
		}
		if s.clock.since()-begun > s.cfg.CommandTimeout {
			break
		}
		now = a.now
	}
	return a, errLate
}

func parseAnswer(r rueidis.RedisResult) (a answer, err error) {
	list, err := r.ToArray()
	if err != nil {
		return a, err
	}
	if len(list) < 2 {
		return a, errValue
	}
	if a.outcome, err = list[0].AsInt64(); err != nil {
		return a, err
	}
	if a.now, err = list[1].AsInt64(); err != nil {
		return a, err
	}
	if len(list) < 3 {
		return a, nil
	}
	switch {
	case list[2].IsArray():
		a.each, err = list[2].ToArray()
	case list[2].IsString():
		a.value, err = list[2].AsBytes()
	default:
		a.left, err = list[2].AsInt64()
	}
	if err == nil && len(list) > 3 {
		a.left, err = list[3].AsInt64()
	}
	return a, err
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// runSession runs a script on a session's keys.
func (s *Store) runSession(ctx context.Context, script *rueidis.Lua, k *record.Key, args ...string) (answer, error) {
	h := k.Handle()
	return s.run(ctx, script, tagOf(h), s.keys(h), append([]string{string(h[:])}, args...)...)
}
