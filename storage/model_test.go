package storage_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// The storage is compared with a map and a fake clock. After every step, in any
// order, with restarts and crashes in between, both must agree.

type modelSession struct {
	value          string
	created        time.Duration // on the fake clock
	used, durable  time.Duration // durable: the last use that the file has to know
	idle, absolute time.Duration
	why            record.Reason // of an explicit end
	endedAt        time.Duration // of an explicit end
	reported       bool          // it has expired, and a Sync has returned since
}

// reason returns why and when the session ended.
func (m *modelSession) reason() (record.Reason, time.Duration) {
	switch end := m.deadline(m.used); {
	case m.why != record.NoReason:
		return m.why, m.endedAt
	case m.absolute > 0 && end == m.created+m.absolute:
		return record.Absolute, end
	default:
		return record.Idle, end
	}
}

func (m *modelSession) deadline(used time.Duration) time.Duration {
	end := time.Duration(1<<63 - 1)
	if m.idle > 0 {
		end = used + m.idle
	}
	if m.absolute > 0 {
		end = min(end, m.created+m.absolute)
	}
	return end
}

func (m *modelSession) live(now time.Duration) bool {
	return m != nil && m.why == record.NoReason && now < m.deadline(m.used)
}

type model struct {
	t     *rapid.T
	cfg   storage.Config
	clock *testkit.Clock
	s     *storage.Storage
	all   map[string]*modelSession
	n     int

	faults   *faults  // nil: the disk is well
	detached bool     // every commit fails
	owes     bool     // an end is not durable
	refused  []string // ids whose creation was in a commit that failed
}

func (m *model) now() time.Duration { return m.clock.Boot() }

func (m *model) id() string {
	return fmt.Sprintf("id%d", rapid.IntRange(0, 7).Draw(m.t, "id"))
}

func (m *model) lifetime() record.Lifetime {
	return record.Lifetime{
		Idle:     time.Duration(rapid.SampledFrom([]int{0, 1, 500, 20_000}).Draw(m.t, "idle")) * ms,
		Absolute: time.Duration(rapid.SampledFrom([]int{0, 700, 30_000}).Draw(m.t, "absolute")) * ms,
	}
}

func (m *model) value() string {
	m.n++
	return fmt.Sprintf("value %d", m.n)
}

func (m *model) want(op string, err, want error) bool {
	if !errors.Is(err, want) {
		m.t.Fatalf("%s = %v; want %v", op, err, want)
	}
	return err == nil
}

func (m *model) put(id, value string, life record.Lifetime) {
	now := m.now()
	m.all[id] = &modelSession{value: value, created: now, used: now, durable: now, idle: life.Idle, absolute: life.Absolute}
}

func (m *model) change(id, value string, idle time.Duration) {
	x := m.all[id]
	x.value, x.idle, x.used, x.durable = value, idle, m.now(), m.now()
}

// expected returns the error that a change of the key must get.
func (m *model) expected(id string, unused error) error {
	switch x := m.all[id]; {
	case m.detached:
		return storage.ErrUnavailable
	case x == nil:
		return unused
	case x.live(m.now()):
		return nil
	default:
		return storage.ErrEnded
	}
}

func (m *model) create() {
	id, value, life := m.id(), m.value(), m.lifetime()
	want := m.expected(id, nil)
	if m.all[id].live(m.now()) && !m.detached {
		want = storage.ErrExists
	}
	if m.want("Create", m.s.Create(context.Background(), record.KeyOf(id), []byte(value), life), want) {
		m.put(id, value, life)
	}
}

func (m *model) set() {
	id, value, idle := m.id(), m.value(), m.lifetime().Idle
	want, fresh := m.expected(id, nil), m.all[id] == nil
	if !m.cfg.RefuseEnded && want != nil {
		want, fresh = nil, true
	}
	if !m.want("Set", m.s.Set(id, []byte(value), idle), want) {
		return
	}
	if fresh {
		m.put(id, value, record.Lifetime{Idle: idle})
	} else {
		m.change(id, value, idle)
	}
}

func (m *model) replace() {
	id, value, idle := m.id(), m.value(), m.lifetime().Idle
	want := m.expected(id, storage.ErrEnded)
	if m.want("Replace", m.s.Replace(context.Background(), record.KeyOf(id), []byte(value), idle), want) {
		m.change(id, value, idle)
	}
}

func (m *model) rotate() {
	from, to, value, idle := m.id(), m.id(), m.value(), m.lifetime().Idle
	want := m.expected(from, storage.ErrEnded)
	if want == nil && m.all[to] != nil {
		want = storage.ErrEnded
		if m.all[to].live(m.now()) {
			want = storage.ErrExists
		}
	}
	if m.want("Rotate", m.s.Rotate(context.Background(), record.KeyOf(from), record.KeyOf(to), []byte(value), idle), want) {
		moved := *m.all[from]
		m.all[from].why, m.all[from].endedAt = record.Replaced, m.now()
		m.all[to] = &moved
		m.change(to, value, idle)
	}
}

func (m *model) end() {
	id := m.id()
	why := rapid.SampledFrom([]record.Reason{record.Deleted, record.Revoked}).Draw(m.t, "why")
	live := m.all[id].live(m.now())
	if ended, err := m.s.End(context.Background(), record.KeyOf(id), why); ended != live || !m.isAfterEnd(live, err) {
		m.t.Fatalf("End = %v, %v; want %v; detached: %v", ended, err, live, m.detached)
	}
	if live {
		m.all[id].why, m.all[id].endedAt = why, m.now()
	}
}

func (m *model) endMany() {
	var keys []record.Key
	want := 0
	for range 3 {
		id := m.id()
		if keys = append(keys, record.KeyOf(id)); m.all[id].live(m.now()) {
			m.all[id].why, m.all[id].endedAt = record.Revoked, m.now()
			want++
		}
	}
	if ended, err := m.s.EndMany(context.Background(), keys, record.Revoked); ended != want || !m.isAfterEnd(want > 0, err) {
		m.t.Fatalf("EndMany = %d, %v; want %d; detached: %v", ended, err, want, m.detached)
	}
}

func (m *model) endAll() {
	want := 0
	for _, x := range m.all {
		if x.live(m.now()) {
			x.why, x.endedAt = record.Revoked, m.now()
			want++
		}
	}
	m.owes = m.detached // sessions that have expired may be among those that EndAll owes
	if ended, err := m.s.EndAll(context.Background(), record.Revoked); ended != want || !m.isAfterEnd(want > 0, err) {
		m.t.Fatalf("EndAll = %d, %v; want %d; detached: %v", ended, err, want, m.detached)
	}
}

func (m *model) refresh() {
	id := m.id()
	r := m.s.Refresh(record.KeyOf(id))
	if x := m.all[id]; x.live(m.now()) {
		x.used = m.now()
	}
	m.compare(id, r)
}

func (m *model) sync() {
	if m.detached {
		m.want("Sync", m.s.Sync(context.Background()), storage.ErrUnavailable)
		return
	}
	m.want("Sync", m.s.Sync(context.Background()), nil)
	m.flushed()
}

// flushed notes that the file has everything.
func (m *model) flushed() {
	for _, x := range m.all {
		x.durable = x.used
		x.reported = !x.live(m.now())
	}
}

func (m *model) advance() {
	m.clock.Advance(time.Duration(rapid.SampledFrom([]int{1, 499, 500, 10_000, 20_000}).Draw(m.t, "ms")) * ms)
}

func (m *model) restart() {
	m.heal()
	m.want("Close", m.s.Close(), nil)
	m.flushed()
	m.reopen()
}

func (m *model) reopen() {
	s, err := storage.Open(m.cfg)
	m.want("Open", err, nil)
	m.s = s
}

func (m *model) compare(id string, r record.Record) {
	x, now := m.all[id], m.now()
	if !x.live(now) {
		m.compareDead(id, r)
		return
	}
	left := x.deadline(x.used) - now
	if x.deadline(x.used) == 1<<63-1 {
		left = 0
	}
	if r.State != record.Live || string(r.Value) != x.value || r.Remaining != left || r.Age != now-x.created || r.IdleTimeout != x.idle {
		m.t.Fatalf("%s = status %v, %q, %v left, %v old, idle %v; want live, %q, %v, %v, %v",
			id, r.State, r.Value, r.Remaining, r.Age, r.IdleTimeout, x.value, left, now-x.created, x.idle)
	}
}

func (m *model) compareDead(id string, r record.Record) {
	x, want := m.all[id], record.Ended
	if x == nil {
		want = record.None
	}
	if r.State != want {
		m.t.Fatalf("%s = status %v; want %v", id, r.State, want)
	}
	if x != nil {
		if why, at := x.reason(); r.Reason != why && m.now()-at < 10*time.Minute {
			m.t.Fatalf("%s ended with %v; want %v", id, r.Reason, why)
		}
	}
}

// check compares everything; it runs after every step.
func (m *model) check() {
	live := 0
	for i := range 8 {
		id := fmt.Sprintf("id%d", i)
		m.compare(id, m.s.Peek(record.KeyOf(id)))
		if m.all[id].live(m.now()) {
			live++
		}
	}
	listed := 0
	for range m.s.All() {
		listed++
	}
	if p := m.s.List(record.Query{}); p.Total != live || len(p.Rows) != live {
		m.t.Fatalf("List shows %d of %d sessions; want %d", len(p.Rows), p.Total, live)
	}
	if listed != live || m.s.Stats().Sessions < int64(live) {
		m.t.Fatalf("All yields %d sessions, Stats %d; want %d", listed, m.s.Stats().Sessions, live)
	}
}

func TestModel(t *testing.T) {
	dir := memoryDir(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		clock := testkit.NewClock()
		cfg := testConfig(t, clock)
		cfg.Database = filepath.Join(dir, fmt.Sprintf("%d.db", n))
		cfg.RefuseEnded = rapid.Bool().Draw(rt, "refuse ended")
		cfg = storage.WithMany(cfg, rapid.SampledFrom([]int{0, 1}).Draw(rt, "many"))
		m := &model{t: rt, cfg: cfg, clock: clock, all: map[string]*modelSession{}}
		m.reopen()
		defer func() { _ = m.s.Close() }()
		rt.Repeat(m.steps())
	})
}

// step is a step of rapid's.
func (m *model) step(do func()) func(*rapid.T) {
	return func(rt *rapid.T) { m.t = rt; do() }
}

func (m *model) steps() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"create": m.step(m.create), "set": m.step(m.set), "replace": m.step(m.replace), "rotate": m.step(m.rotate),
		"end": m.step(m.end), "endMany": m.step(m.endMany), "endAll": m.step(m.endAll), "refresh": m.step(m.refresh),
		"advance": m.step(m.advance), "sync": m.step(m.sync), "restart": m.step(m.restart), "crash": m.step(m.crash),
		"sweep": m.step(func() { m.s.Sweep() }), "sweep round": m.step(func() { m.s.SweepRound() }),
		"": m.step(m.check),
	}
}
