package storetest

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"pagesession/session"
	"pagesession/storage/record"
)

// Memory is a session.Store in memory, for tests. It is simple rather than fast.
// With Delay and Errors it is slow and fails, as a network does. The zero Memory is
// ready to use. It remembers ended sessions forever. It is safe for concurrent use;
// set its fields before the first call.
type Memory struct {
	Now        func() time.Time // nil: time.Now
	Delay      time.Duration    // how long each call waits before it does anything
	NotDurable bool             // ends and rotations return ErrNotDurable, as those of a store whose disk fails
	Errors     float64          // the share of calls that do nothing and return ErrUnavailable, such as 0.1; see SetErrors

	mu      sync.Mutex // protects everything below, and Errors
	version uint64
	changed chan struct{} // each change closes it and makes a new one
	live    map[record.Key]*kept
	ended   map[record.Key]record.Reason
}

type kept struct {
	record.Content
	memo          any
	version       uint64
	created, used time.Time
	absolute      time.Time // zero: none
}

var (
	_ session.Store    = (*Memory)(nil)
	_ session.Memoizer = (*Memory)(nil)
)

// SetErrors sets the share of calls that fail from now on. 1 starts an outage, 0
// ends it.
func (m *Memory) SetErrors(share float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Errors = share
}

// enter waits, then fails or takes the lock.
func (m *Memory) enter(ctx context.Context) error {
	if m.Delay > 0 {
		select {
		case <-ctx.Done():
		case <-time.After(m.Delay):
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	if rand.Float64() < m.Errors {
		m.mu.Unlock()
		return session.ErrUnavailable
	}
	if m.live == nil {
		m.live, m.ended, m.changed = map[record.Key]*kept{}, map[record.Key]record.Reason{}, make(chan struct{})
	}
	return nil
}

func (m *Memory) now() time.Time {
	if m.Now == nil {
		return time.Now()
	}
	return m.Now()
}

// deadline returns the earlier of the two deadlines; zero: none.
func (k *kept) deadline() time.Time {
	end := k.absolute
	if idle := k.used.Add(k.Idle); k.Idle > 0 && (end.IsZero() || idle.Before(end)) {
		end = idle
	}
	return end
}

// find returns the live session of a key; nil: there is none. If the session has
// expired, find ends it first.
func (m *Memory) find(key record.Key) *kept {
	k := m.live[key]
	if k == nil || k.deadline().IsZero() || m.now().Before(k.deadline()) {
		return k
	}
	why := record.Idle
	if k.deadline().Equal(k.absolute) {
		why = record.Absolute
	}
	m.end(key, why)
	return nil
}

func (m *Memory) end(key record.Key, why record.Reason) {
	delete(m.live, key)
	m.ended[key] = why
	m.wake()
}

func (m *Memory) wake() {
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *Memory) record(key record.Key) record.Record {
	k := m.find(key)
	if k == nil {
		if why, ok := m.ended[key]; ok {
			return record.Record{State: record.Ended, Reason: why}
		}
		return record.Record{}
	}
	now := m.now()
	rec := record.Record{
		State: record.Live, Value: string(k.Value), Memo: k.memo, Version: k.version,
		Age: now.Sub(k.created), IdleTimeout: k.Idle,
	}
	if end := k.deadline(); !end.IsZero() {
		rec.Remaining = end.Sub(now)
	}
	if !k.absolute.IsZero() {
		rec.AbsoluteRemaining = k.absolute.Sub(now)
	}
	return rec
}

// Peek implements session.Store.
func (m *Memory) Peek(ctx context.Context, key record.Key) (record.Record, error) {
	if err := m.enter(ctx); err != nil {
		return record.Record{}, err
	}
	defer m.mu.Unlock()
	return m.record(key), nil
}

// Refresh implements session.Store.
func (m *Memory) Refresh(ctx context.Context, key record.Key) (record.Record, error) {
	if err := m.enter(ctx); err != nil {
		return record.Record{}, err
	}
	defer m.mu.Unlock()
	if k := m.find(key); k != nil {
		k.used = m.now()
	}
	return m.record(key), nil
}

// Memoize implements session.Memoizer.
func (m *Memory) Memoize(key record.Key, version uint64, memo any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k := m.live[key]; k != nil && k.version == version {
		k.memo = memo
	}
}

// Create implements session.Store.
func (m *Memory) Create(ctx context.Context, key record.Key, c record.Content, absolute time.Duration) (record.Record, error) {
	if err := m.enter(ctx); err != nil {
		return record.Record{}, err
	}
	defer m.mu.Unlock()
	if m.record(key).State != record.None {
		return record.Record{}, session.ErrEnded
	}
	k := &kept{created: m.now()}
	if absolute > 0 {
		k.absolute = k.created.Add(absolute)
	}
	return m.put(key, k, c), nil
}

// Replace implements session.Store.
func (m *Memory) Replace(ctx context.Context, key record.Key, version uint64, c record.Content) (record.Record, error) {
	if err := m.enter(ctx); err != nil {
		return record.Record{}, err
	}
	defer m.mu.Unlock()
	k := m.find(key)
	if err := k.check(version); err != nil {
		return record.Record{}, err
	}
	return m.put(key, k, c), nil
}

// Rotate implements session.Store.
func (m *Memory) Rotate(ctx context.Context, from, to record.Key, version uint64, c record.Content) (record.Record, error) {
	if err := m.enter(ctx); err != nil {
		return record.Record{}, err
	}
	defer m.mu.Unlock()
	k := m.find(from)
	if err := k.check(version); err != nil {
		return record.Record{}, err
	}
	if m.record(to).State != record.None {
		return record.Record{}, session.ErrEnded
	}
	m.end(from, record.Replaced)
	return m.put(to, k, c), m.durable()
}

func (k *kept) check(version uint64) error {
	switch {
	case k == nil:
		return session.ErrEnded
	case version != 0 && version != k.version:
		return session.ErrConflict
	default:
		return nil
	}
}

// put stores content under a key, with the age of k.
func (m *Memory) put(key record.Key, k *kept, c record.Content) record.Record {
	m.version++
	c.Value = bytes.Clone(c.Value)
	m.live[key] = &kept{Content: c, version: m.version, created: k.created, absolute: k.absolute, used: m.now()}
	m.wake()
	return m.record(key)
}

// End implements session.Store.
func (m *Memory) End(ctx context.Context, key record.Key, why record.Reason) (bool, error) {
	if err := m.enter(ctx); err != nil {
		return false, err
	}
	defer m.mu.Unlock()
	if m.find(key) == nil {
		return false, nil
	}
	m.end(key, why)
	return true, m.durable()
}

// durable is the error of sessions that have ended.
func (m *Memory) durable() error {
	if m.NotDurable {
		return session.ErrNotDurable
	}
	return nil
}

// OfSubject implements session.Store.
func (m *Memory) OfSubject(ctx context.Context, subject string) (rows []record.Row, err error) {
	if err := m.enter(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	for _, key := range m.keysOf(subject) {
		rec := m.record(key)
		rows = append(rows, record.Row{
			Handle: key.Handle(), State: rec.State, Key: key, Subject: subject, Value: rec.Value,
			Age: rec.Age, Unused: m.now().Sub(m.live[key].used), IdleTimeout: rec.IdleTimeout,
			Remaining: rec.Remaining, AbsoluteRemaining: rec.AbsoluteRemaining,
		})
	}
	return rows, nil
}

func (m *Memory) keysOf(subject string) (keys []record.Key) {
	for key, k := range m.live {
		if subject != "" && k.Subject == subject && m.find(key) != nil {
			keys = append(keys, key)
		}
	}
	return keys
}

// EndSubject implements session.Store.
func (m *Memory) EndSubject(ctx context.Context, subject string, why record.Reason, except ...record.Key) (ended int, err error) {
	if err := m.enter(ctx); err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	for _, key := range m.keysOf(subject) {
		if !slices.Contains(except, key) {
			m.end(key, why)
			ended++
		}
	}
	if ended == 0 {
		return 0, nil
	}
	return ended, m.durable()
}

// Wait implements session.Store. It reads the clock every 5 ms, so it also works
// with a fake clock.
func (m *Memory) Wait(ctx context.Context, key record.Key) (record.Record, error) {
	for {
		if err := m.enter(ctx); err != nil {
			return record.Record{}, err
		}
		rec, changed := m.record(key), m.changed
		m.mu.Unlock()
		if rec.State != record.Live {
			return rec, nil
		}
		select {
		case <-changed:
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}
