package storage_test

import (
	"errors"
	"fmt"
	"os"
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
	if m.all[id].live(m.now()) {
		want = storage.ErrExists
	}
	if m.want("Create", m.s.Create(record.KeyOf(id), []byte(value), life), want) {
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
	if m.want("Replace", m.s.Replace(record.KeyOf(id), []byte(value), idle), want) {
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
	if m.want("Rotate", m.s.Rotate(record.KeyOf(from), record.KeyOf(to), []byte(value), idle), want) {
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
	if ended, err := m.s.End(record.KeyOf(id), why); ended != live || err != nil {
		m.t.Fatalf("End = %v, %v; want %v, nil", ended, err, live)
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
	if ended, err := m.s.EndMany(keys, record.Revoked); ended != want || err != nil {
		m.t.Fatalf("EndMany = %d, %v; want %d, nil", ended, err, want)
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
	if ended, err := m.s.EndAll(record.Revoked); ended != want || err != nil {
		m.t.Fatalf("EndAll = %d, %v; want %d, nil", ended, err, want)
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
	m.want("Sync", m.s.Sync(), nil)
	for _, x := range m.all {
		x.durable = x.used
		x.reported = !x.live(m.now())
	}
}

func (m *model) advance() {
	m.clock.Advance(time.Duration(rapid.SampledFrom([]int{1, 499, 500, 10_000, 20_000}).Draw(m.t, "ms")) * ms)
}

func (m *model) restart() {
	m.want("Close", m.s.Close(), nil)
	for _, x := range m.all {
		x.durable = x.used
		x.reported = !x.live(m.now())
	}
	m.reopen()
}

func (m *model) reopen() {
	s, err := storage.Open(m.cfg)
	m.want("Open", err, nil)
	m.s = s
}

// crash opens what the file holds at this moment, as a killed process would leave
// it.
func (m *model) crash() {
	b, err := os.ReadFile(m.cfg.Database)
	m.want("ReadFile", err, nil)
	cfg := m.cfg
	cfg.Database += ".crashed"
	m.want("WriteFile", os.WriteFile(cfg.Database, b, 0o600), nil)
	s, err := storage.Open(cfg)
	m.want("Open after a crash", err, nil)
	for id, x := range m.all {
		r := s.Peek(record.KeyOf(id))
		least, most := x.deadline(x.durable)-m.now(), x.deadline(x.used)-m.now()
		switch {
		case r.State == record.Live && (!x.live(m.now()) || string(r.Value) != x.value):
			m.t.Fatalf("after a crash %s is live with %q; want %q, live: %v", id, r.Value, x.value, x.live(m.now()))
		case r.State != record.Live && x.why == record.NoReason && least > 0:
			m.t.Fatalf("after a crash %s is not live; want live, %v left", id, least)
		case r.Remaining > 0 && (r.Remaining > most || r.Remaining < least):
			m.t.Fatalf("after a crash %s has %v left; want %v to %v", id, r.Remaining, least, most)
		}
		m.compareReported(s, id)
	}
	m.want("Close", s.Close(), nil)
}

// compareReported checks that a session which was reported as ended before a crash
// is ended after it. The file has to know the end if it was a change or if a Sync
// came after it.
func (m *model) compareReported(s *storage.Storage, id string) {
	x := m.all[id]
	why, at := x.reason()
	if x.live(m.now()) || m.now()-at >= 10*time.Minute || !x.reported && x.why == record.NoReason {
		return
	}
	if r := s.Peek(record.KeyOf(id)); r.State != record.Ended || r.Reason != why {
		m.t.Fatalf("after a crash %s = status %v, reason %v; want Ended, %v, %v ago", id, r.State, r.Reason, why, m.now()-at)
	}
	if err := s.Set(id, []byte("revived"), time.Hour); m.cfg.RefuseEnded && !errors.Is(err, storage.ErrEnded) {
		m.t.Fatalf("after a crash Set of %s, which ended %v before = %v; want ErrEnded", id, m.now()-at, err)
	}
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
		m := &model{t: rt, cfg: cfg, clock: clock, all: map[string]*modelSession{}}
		m.reopen()
		defer func() { _ = m.s.Close() }()
		step := func(f func()) func(*rapid.T) {
			return func(rt *rapid.T) { m.t = rt; f() }
		}
		rt.Repeat(map[string]func(*rapid.T){
			"create": step(m.create), "set": step(m.set), "replace": step(m.replace), "rotate": step(m.rotate),
			"end": step(m.end), "endMany": step(m.endMany), "endAll": step(m.endAll), "refresh": step(m.refresh), "advance": step(m.advance), "sync": step(m.sync),
			"sweep": step(func() { m.s.Sweep() }), "sweep round": step(func() { m.s.SweepRound() }), "restart": step(m.restart), "crash": step(m.crash),
			"": step(m.check),
		})
	})
}
