package redis

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/rueidis"
)

// Keep keeps a value under a name for the time stays, unless another value is kept there, and
// returns the one that is kept. With the same value it begins the time again: a value that
// servers renew lapses after the last of them has gone. stays counts by Redis's clock, in
// milliseconds; less than one counts as one. It is as durable as Redis is. It is safe for
// concurrent use. Errors: ErrMember, if the name or the value is empty or longer than
// MaxMemberID or MaxMemberData; record.ErrUnavailable, after which the value may be kept; the
// context's.
func (s *Store) Keep(ctx context.Context, name, value string, stays time.Duration) (kept string, err error) {
	if len(value) == 0 || len(value) > MaxMemberData {
		return "", fmt.Errorf("%w: the value has %d bytes; 1 to %d are allowed", ErrMember, len(value), MaxMemberData)
	}
	a, err := s.onKept(ctx, s.scripts.keep, name, value, number(max(1, stays.Milliseconds())))
	return string(a.value), err
}

// Kept returns the value that is kept under a name; "" if there is none. Errors: as Keep.
func (s *Store) Kept(ctx context.Context, name string) (value string, err error) {
	if err := checkName(name); err != nil {
		return "", err
	}
	err = s.do(ctx, 0, func(ctx context.Context) (err error) {
		value, err = s.client.Do(ctx, s.client.B().Get().Key(s.keptName(name)).Build()).ToString()
		if rueidis.IsRedisNil(err) {
			value, err = "", nil
		}
		return err
	})
	return value, err
}

// Drop forgets a value that is kept under a name, and returns whether it was there. Another
// value stays. Errors: as Keep.
func (s *Store) Drop(ctx context.Context, name, value string) (bool, error) {
	a, err := s.onKept(ctx, s.scripts.drop, name, value)
	return a.outcome == outcomeDone, err
}

// Lease takes a lease for a holder, or renews it, and returns whether the holder has it: then
// no other holder gets it within ttl from the call on. Renew it a few times within ttl. Work
// under a lease has to bear that two holders do it now and then: a failover of Redis can lose
// the lease, and a holder that was stopped for longer than ttl does not know it yet. Errors: as
// Keep; after one, the holder counts as one without the lease.
func (s *Store) Lease(ctx context.Context, name, holder string, ttl time.Duration) (held bool, err error) {
	kept, err := s.Keep(ctx, name, holder, ttl)
	return err == nil && kept == holder, err
}

// Release gives a lease back, so that others need not wait until it lapses. A lease of another
// holder stays. Errors: as Keep.
func (s *Store) Release(ctx context.Context, name, holder string) error {
	_, err := s.Drop(ctx, name, holder)
	return err
}

func (s *Store) onKept(ctx context.Context, script *rueidis.Lua, name string, args ...string) (answer, error) {
	if err := checkName(name); err != nil {
		return answer{}, err
	}
	return s.run(ctx, script, 0, []string{s.keptName(name)}, args...)
}

func checkName(name string) error {
	if len(name) == 0 || len(name) > MaxMemberID {
		return fmt.Errorf("%w: the name has %d bytes; 1 to %d are allowed", ErrMember, len(name), MaxMemberID)
	}
	return nil
}

func (s *Store) keptName(name string) string { return s.ofTag(kindKept, 0) + name }
