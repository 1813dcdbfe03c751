package account

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"slices"
	"time"
)

// Shared keeps small values for all servers that share the accounts, such as redis.Table. It
// is safe for concurrent use. Its errors say that it is away or full; sign-ins return them.
type Shared interface {
	// Read returns the values of fields, empty for one that is missing or has expired, and
	// the instant by a clock that all servers share.
	Read(ctx context.Context, fields ...string) (values [][]byte, at time.Time, err error)
	// Swap makes changes, all or none. It returns false if a value has changed meanwhile.
	Swap(ctx context.Context, changes ...SharedChange) (done bool, err error)
	// Fields returns the names of all values.
	Fields(ctx context.Context) ([]string, error)
}

// A SharedChange is a change of one value.
type SharedChange struct {
	Field string
	Was   []byte        // empty: there was none
	Value []byte        // empty: remove it
	Stays time.Duration // until the value may be forgotten
}

// MostShared is the number of values that a Shared has to have room for: names, networks, sites
// and browsers with failures or reservations. Each has up to 400 bytes.
const MostShared = 60_000

const (
	// mostSwaps is how often an update is tried again when other tries were faster.
	mostSwaps = 20
	// swapPause is the longest pause between two of them.
	swapPause = 10 * time.Millisecond
	// partOfAll is how many values updateAll changes at once.
	partOfAll = 16
	// mostParts is at how many parts anyOf looks: some ten milliseconds.
	mostParts = 50
)

// A sharedState has the counts of several servers. An update reads the values of its keys, has
// the rules work on them, and swaps those that changed. A value that it did not change may
// have been changed by another update meanwhile, which does not matter: a try that is admitted
// changes each count that admitted it.
//
// A server that dies in a sign-in leaves a running try, which becomes a failure and expires.
type sharedState struct{ Shared }

// newSharedThrottle returns a throttle that counts over all servers with the same key. The
// values reveal names and addresses only to those that have the key.
func newSharedThrottle(shared Shared, key []byte) (*throttle, error) {
	own, err := hkdf.Key(sha256.New, key, nil, "pagesession failed sign-ins", sha256.Size)
	if err != nil {
		return nil, err
	}
	t := newThrottle()
	t.state = sharedState{shared}
	t.hide = func(k tried) (out tried) {
		mac := hmac.New(sha256.New, own)
		mac.Write(k[:])
		copy(out[:hiddenSize], mac.Sum(nil))
		return out
	}
	return t, nil
}

// hiddenSize is how many bytes of a hidden key are not zero.
const hiddenSize = 16

func (s sharedState) update(ctx context.Context, _ time.Time, keys []tried, change func(time.Time, *counts)) error {
	for range mostSwaps {
		c, values, now, err := s.read(ctx, keys)
		if err != nil {
			return err
		}
		change(now, c)
		done, err := s.swap(ctx, now, keys, values, c)
		if done || err != nil {
			return err
		}
		if err := pauseFor(ctx, time.Duration(randomNumber()%uint64(swapPause))); err != nil {
			return err
		}
	}
	return ErrBusy
}

// read returns the counts of keys, and the values that they are made of.
func (s sharedState) read(ctx context.Context, keys []tried) (c *counts, values [][]byte, now time.Time, err error) {
	fields := make([]string, len(keys))
	for i, k := range keys {
		fields[i] = string(k[:hiddenSize])
	}
	if values, now, err = s.Read(ctx, fields...); err != nil {
		return nil, nil, now, err
	}
	c = newCounts(mostTried)
	for i, k := range keys {
		c.decode(k, values[i])
	}
	return c, values, now, nil
}

// swap writes the values that have changed.
func (s sharedState) swap(ctx context.Context, now time.Time, keys []tried, were [][]byte, c *counts) (bool, error) {
	var changes []SharedChange
	for i, k := range keys {
		value, until := c.encode(k)
		if !slices.Equal(value, were[i]) {
			changes = append(changes, SharedChange{string(k[:hiddenSize]), were[i], value, max(time.Second, until.Sub(now))})
		}
	}
	if len(changes) == 0 {
		return true, nil
	}
	return s.Swap(ctx, changes...)
}

// updateAll changes what there is when it begins.
func (s sharedState) updateAll(ctx context.Context, now time.Time, change func(time.Time, *counts) int) (sum int, err error) {
	parts, err := s.parts(ctx)
	for _, keys := range parts {
		n := 0
		if err := s.update(ctx, now, keys, func(now time.Time, c *counts) { n = change(now, c) }); err != nil {
			return sum, err
		}
		sum += n
	}
	return sum, err
}

func (s sharedState) anyOf(ctx context.Context, _ time.Time, look func(time.Time, *counts) bool) (bool, error) {
	parts, err := s.parts(ctx)
	if err != nil || len(parts) > mostParts {
		return true, err
	}
	for _, keys := range parts {
		if c, _, now, err := s.read(ctx, keys); err != nil || look(now, c) {
			return true, err
		}
	}
	return false, nil
}

// parts returns the keys of all values, as many together as one call takes.
func (s sharedState) parts(ctx context.Context) (parts [][]tried, err error) {
	fields, err := s.Fields(ctx)
	for part := range slices.Chunk(fields, partOfAll) {
		keys := make([]tried, len(part))
		for i, field := range part {
			copy(keys[i][:hiddenSize], field)
		}
		parts = append(parts, keys)
	}
	return parts, err
}

// pauseFor waits; it returns the context's error if that is done before.
func pauseFor(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
