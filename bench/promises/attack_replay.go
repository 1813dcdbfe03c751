//go:build linux

package promises

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"pagesession/session"
	"pagesession/storage"
	"pagesession/storage/record"
)

// statesEach is how many states are one cycle.
const statesEach = 100

// replayAttack opens the files that a power cut could have left.
func replayAttack() Attack {
	return Attack{
		Name: "replay", About: "the recorded writes of a server under load, cut at any moment, torn and reordered behind the last barrier; 100 states a cycle",
		Promises: []string{"P1", "P2", "P3", "P4", "P5", "P6"}, CI: 20, Long: 200,
		Needs: []need{program("strace", "strace")}, Run: runReplay,
	}
}

// lostAttack opens files to which one write has never come.
func lostAttack() Attack {
	return Attack{
		Name: "lost", About: "the recorded writes of a server under load, one page of them lost; 10 states a cycle", Promises: []string{"P3", "P4", "P6", "P7"},
		CI: 15, Long: 200, Needs: []need{program("strace", "strace")}, Run: runLost,
	}
}

// A recording is a run of a server, and what was promised in it.
type recording struct {
	*arena
	old     []byte // the session file before the run
	steps   []step
	named   int // the step that made the fresh file's name durable
	last    int // the last barrier; the writes between them are the load's
	promise *ledger
	states  string // a folder for files to open, in memory where there is such a one
}

// record has a server write under strace.
func (a *arena) record() (*recording, error) {
	s, err := a.boot(setup{})
	if err != nil {
		return nil, err
	}
	a.populate(s, 300)
	d := a.stop(s)
	r := &recording{arena: a, states: a.dir}
	if dir, err := os.MkdirTemp("/dev/shm", "pagesession-promises-"); err == nil {
		r.states = dir
	}
	if r.old, err = os.ReadFile(s.file()); err != nil {
		return nil, fmt.Errorf("read the session file: %w", err)
	}
	file := filepath.Join(a.dir, "trace")
	if s, err = a.boot(setup{wrap: recorder(file)}); err != nil {
		return nil, err
	}
	if err := a.recovered(s, d); err != nil {
		return nil, err
	}
	crowd := a.crowd(s, 8, usual())
	a.pause(2 * time.Second)
	crowd.leave()
	s.kill()
	a.pause(500 * time.Millisecond) // strace writes the rest
	path, err := filepath.EvalSymlinks(s.file())
	if err == nil {
		r.steps, err = readTrace(file, path)
	}
	if err == nil {
		r.named, r.last, err = loadOf(r.steps)
	}
	r.promise = a.ledger.copy()
	return r, err
}

func runReplay(a *arena) error {
	r, err := a.record()
	if err != nil {
		return err
	}
	defer r.close()
	d, done, all := &disk{old: r.old}, 0, a.cycles*statesEach
	a.ledger.cycle = 1
	for i, s := range r.steps {
		d.do(s)
		for ; done < (i+1)*all/len(r.steps); done++ {
			a.ledger.cycle = done/statesEach + 1
			r.judge(d.cut(a.rng, done%4 == 0), i, false)
		}
		if a.ledger.broken() || a.late() || a.ctx.Err() != nil {
			return a.ctx.Err()
		}
		a.say(a.ledger.cycle)
	}
	return nil
}

func runLost(a *arena) error {
	r, err := a.record()
	if err != nil {
		return err
	}
	defer r.close()
	return a.each(func(int) error {
		for range 10 {
			r.lose(a.rng)
		}
		return nil
	})
}

// close removes the states.
func (r *recording) close() { _ = os.RemoveAll(r.states) }

// lose judges the file at the end of the recording without one write.
func (r *recording) lose(rng *rand.Rand) {
	if r.last <= r.named {
		return // it never synced under load; the other attacks find that
	}
	lost := r.named + 1 + rng.IntN(r.last-r.named)
	if r.steps[lost].kind != stepWrite || r.isLastMeta(lost, r.last) {
		return
	}
	d := &disk{old: r.old}
	for i, s := range r.steps[:r.last+1] {
		if i != lost {
			d.do(s)
		}
	}
	r.judge(d.cut(rng, true), r.last, true)
}

// loadOf returns the step that made the fresh file's name durable and the last barrier.
// What was written since that step, under load, has to be enough to attack.
func loadOf(steps []step) (named, last int, err error) {
	for i, s := range steps {
		switch s.kind {
		case stepBarrier:
			last = i
		case stepNamed:
			named = i
		}
	}
	if load := len(steps) - 1 - named; named == 0 {
		err = fmt.Errorf("strace recorded %d steps, none of which makes the name of the fresh file durable", len(steps))
	} else if load < 50 {
		err = fmt.Errorf("strace recorded %d steps of the load only; 50 are needed", load)
	}
	return named, last, err
}

// isLastMeta reports whether a write is the last one to a meta page: without it the file
// is that of the commit before, and nothing in it tells.
func (r *recording) isLastMeta(lost, last int) bool {
	at := r.steps[lost].at
	if at >= int64(2*page) {
		return false
	}
	for _, s := range r.steps[lost+1 : last+1] {
		if s.kind == stepWrite && s.at == at {
			return false
		}
	}
	return true
}

// A frozen clock stands at one instant of the recording.
type frozen struct {
	storage.Clock
	boot time.Duration
	wall time.Time
}

func (f frozen) Boot() time.Duration { return f.boot }
func (f frozen) Wall() time.Time     { return f.wall }

// margin covers the difference between strace's clock and ours.
const margin = 2 * time.Millisecond

// judge opens a file and holds it against what was promised before step i+1 began.
func (r *recording) judge(file []byte, i int, lossy bool) {
	at := r.steps[i].time + margin
	if i+1 < len(r.steps) {
		at = max(r.steps[i].time, r.steps[i+1].time)
	}
	path := filepath.Join(r.states, "sessions.db")
	left, _ := filepath.Glob(path + "*") // a name without a pattern
	for _, name := range left {
		_ = os.Remove(name)
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		r.ledger.fault("P6", "%v", err)
		return
	}
	r.ledger.restore(r.promise.until(at))
	clock := storage.SystemClock()
	clock = frozen{clock, at + margin, clock.Wall().Add(at + margin - clock.Boot())}
	s, err := open(storage.Config{Database: path, Clock: clock, SweepInterval: time.Hour, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		r.ledger.fault("P6", "step %d: the storage does not open: %v", i, err)
		return
	}
	found := r.see(s, at+margin)
	if err := s.Close(); err != nil {
		r.ledger.fault("P6", "step %d: the storage does not close: %v", i, err)
	}
	if aside, _ := filepath.Glob(path + ".damaged-*"); len(aside) > 0 && !lossy {
		r.ledger.fault("P6", "step %d: a power cut was taken for damage", i)
	}
	r.ledger.judge(death{lastAct: at - margin, at: at + margin, lossy: lossy}, found)
}

// open turns a panic into an error.
func open(cfg storage.Config) (s *storage.Storage, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return storage.Open(cfg)
}

// see surveys a storage at an instant.
func (r *recording) see(s *storage.Storage, at time.Duration) survey {
	found := survey{seen: map[string]sighting{}}
	for _, id := range r.ledger.live() {
		got := s.Peek(record.KeyOf(id))
		info, _ := session.Describe(got.Value)
		due := at + got.Remaining
		found.seen[id] = sighting{
			from: at, to: at, state: got.State.String(), reason: got.Reason.String(), name: info.Values.String("name"),
			idle: got.IdleTimeout, dueMin: due, dueMax: due,
		}
	}
	for rows := s.List(record.Query{Limit: record.MaxLimit}); len(rows.Rows) > 0; {
		for _, row := range rows.Rows {
			info, _ := session.Describe(row.Value)
			found.listed = append(found.listed, listed{row.Handle.String(), info.Values.String("name")})
		}
		rows = s.List(record.Query{Limit: record.MaxLimit, Offset: len(found.listed)})
	}
	return found
}

// until returns what was asked and promised until an instant.
func (l *ledger) until(at time.Duration) *ledger {
	past := newLedger()
	cut := func(o *op) *op {
		twin := *o
		if o.answered == 0 || o.answered > at {
			twin.answer, twin.answered = none, 0
		}
		return &twin
	}
	twins := map[*op]*op{}
	for name, o := range l.asked {
		if o.asked <= at+margin {
			twins[o] = cut(o)
			past.asked[name] = twins[o]
		}
	}
	for id, a := range l.accounts {
		if a.born != nil && a.born.asked > at+margin {
			continue
		}
		twin := *a
		twin.ops = nil
		for _, o := range a.ops {
			if o.asked <= at+margin {
				twin.ops = append(twin.ops, cut(o))
			}
		}
		past.accounts[id] = &twin
	}
	return past
}
