package move_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"pagesession/internal/move"
	testredis "pagesession/internal/testkit/redis"
	"pagesession/session"
	"pagesession/storage"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

var seed = flag.Uint64("move.seed", 0, "seed of the races; 0: another each time")

func openRedis(t testing.TB, s *testredis.Server) *redis.Store {
	t.Helper()
	store, err := redis.Open(t.Context(), redis.Config{Addresses: []string{s.Addr}, CommandTimeout: 10 * time.Second, Moving: true})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// An owner does what it likes with its own sessions, and knows what has to come of it. Several
// run at once.
type owner struct {
	testing.TB
	*move.Store
	rnd     *rand.Rand
	subject string
	live    map[record.Key]*known
	gone    map[record.Key]record.Reason
}

// known is what an owner knows of a live session.
type known struct {
	value   int
	created time.Time
	used    time.Time // not before this
	idle    time.Duration
}

const absolute = 10 * time.Hour

func newOwner(t testing.TB, s *move.Store, i int, seed uint64) *owner {
	return &owner{t, s, rand.New(rand.NewPCG(seed, uint64(i))), "owner " + strconv.Itoa(i), map[record.Key]*known{}, map[record.Key]record.Reason{}}
}

func (o *owner) content(n int, idle time.Duration) record.Content {
	return record.Content{Value: []byte(strconv.Itoa(n)), Subject: o.subject, Idle: idle}
}

func (o *owner) create() {
	k, now := record.KeyOf(fmt.Sprint(o.subject, o.rnd.Uint64())), time.Now()
	idle := time.Duration(1+o.rnd.IntN(3)) * time.Hour
	if _, err := o.Create(context.Background(), k, o.content(0, idle), absolute); err != nil {
		o.Errorf("Create = %v", err)
		return
	}
	o.live[k] = &known{created: now, used: now, idle: idle}
}

// any returns one of the owner's sessions.
func (o *owner) any() (record.Key, *known) {
	for k, one := range o.live {
		return k, one
	}
	o.create()
	return o.any()
}

func (o *owner) step() {
	switch n := o.rnd.IntN(100); {
	case n < 15:
		o.create()
	case n < 60:
		o.refresh()
	case n < 75:
		o.change()
	case n < 80:
		o.rotate()
	case n < 90:
		o.end()
	case n < 91 && o.rnd.IntN(20) == 0:
		o.endAll()
	default:
		o.lookAtGone()
	}
}

func (o *owner) refresh() {
	k, one := o.any()
	before := time.Now()
	rec, err := o.Refresh(context.Background(), k)
	o.check(k, one, rec, err, "Refresh")
	one.used = before
}

// change changes a session as the policy does: again while another version is there.
func (o *owner) change() {
	k, one := o.any()
	idle, before := time.Duration(1+o.rnd.IntN(3))*time.Hour, time.Now()
	rec, err := o.again(k, func(version uint64) (record.Record, error) {
		return o.Replace(context.Background(), k, version, o.content(one.value+1, idle))
	})
	one.value, one.idle, one.used = one.value+1, idle, before
	o.check(k, one, rec, err, "Replace")
}

func (o *owner) rotate() {
	k, one := o.any()
	to, before := record.KeyOf(fmt.Sprint(o.subject, o.rnd.Uint64())), time.Now()
	rec, err := o.again(k, func(version uint64) (record.Record, error) {
		return o.Rotate(context.Background(), k, to, version, o.content(one.value, one.idle))
	})
	one.used = before
	o.check(to, one, rec, err, "Rotate")
	delete(o.live, k)
	o.live[to], o.gone[k] = one, record.Replaced
}

func (o *owner) again(k record.Key, change func(uint64) (record.Record, error)) (rec record.Record, err error) {
	for range 100 {
		if rec, err = o.Peek(context.Background(), k); err != nil {
			return rec, err
		}
		if rec, err = change(rec.Version); !errors.Is(err, session.ErrConflict) {
			return rec, err
		}
	}
	return rec, err
}

func (o *owner) end() {
	k, _ := o.any()
	if ended, err := o.End(context.Background(), k, record.Revoked); !ended || err != nil {
		o.Errorf("End = %v, %v; want true", ended, err)
	}
	delete(o.live, k)
	o.gone[k] = record.Revoked
}

// endAll ends all sessions of the owner but one.
func (o *owner) endAll() {
	kept, one := o.any()
	n, err := o.EndSubject(context.Background(), o.subject, record.Revoked, kept)
	if n != len(o.live)-1 || err != nil {
		o.Errorf("EndSubject = %d, %v; want %d", n, err, len(o.live)-1)
	}
	for k := range o.live {
		o.gone[k] = record.Revoked
	}
	delete(o.gone, kept)
	o.live = map[record.Key]*known{kept: one}
}

func (o *owner) lookAtGone() {
	for k := range o.gone {
		if rec, err := o.Refresh(context.Background(), k); err != nil || rec.State == record.Live {
			o.Errorf("Refresh of an ended session = %v, %v", rec.State, err)
		}
		return
	}
}

// off is by how much the clocks and the calls may be apart on a slow machine.
const off = 10 * time.Second

func (o *owner) check(k record.Key, one *known, rec record.Record, err error, call string) {
	o.Helper()
	if err != nil || rec.State != record.Live || string(rec.Value) != strconv.Itoa(one.value) || rec.IdleTimeout != one.idle {
		o.Errorf("%s of %s = %v %q, idle timeout %v, %v; want live %d, %v", call, k.Handle().Fingerprint(), rec.State, rec.Value, rec.IdleTimeout, err, one.value, one.idle)
		return
	}
	age, left, all := time.Since(one.created), one.idle-time.Since(one.used), absolute-time.Since(one.created)
	if rec.Age > age+off || rec.Age < age-off || rec.Remaining < left-off || rec.Remaining > one.idle || rec.AbsoluteRemaining > all+off || rec.AbsoluteRemaining < all-off {
		o.Errorf("%s of %s: %v old, %v and %v left; want %v, %v and %v", call, k.Handle().Fingerprint(), rec.Age, rec.Remaining, rec.AbsoluteRemaining, age, left, all)
	}
}

// judge looks at everything.
func (o *owner) judge() {
	o.Helper()
	for k, one := range o.live {
		rec, err := o.Peek(context.Background(), k)
		o.check(k, one, rec, err, "Peek")
	}
	rows, err := o.OfSubject(context.Background(), o.subject)
	if len(rows) != len(o.live) || err != nil {
		o.Errorf("OfSubject = %d, %v; want %d", len(rows), err, len(o.live))
	}
	for k := range o.gone {
		if rec, err := o.Peek(context.Background(), k); err != nil || rec.State == record.Live {
			o.Errorf("an ended session is %v, %v", rec.State, err)
		}
	}
}

const owners, sessionsOfEach = 8, 250

// together has the owners act at once, each until its own time.
func together(all []*owner, until func(step int) bool) {
	var wait sync.WaitGroup
	for _, o := range all {
		wait.Go(func() {
			for i := 0; !until(i) && !o.Failed(); i++ {
				o.step()
			}
		})
	}
	wait.Wait()
}

// TestMove_Race moves sessions to Redis and back while their owners visit, change, rotate and
// end them. None is lost, none is revived, and each keeps its age and its timeouts.
func TestMove_Race(t *testing.T) {
	chosen := *seed
	if chosen == 0 {
		chosen = rand.Uint64()
	}
	t.Logf("-move.seed=%d", chosen)
	server := testredis.New(t)
	s := closed(t, move.New(move.FileOf(openFile(t, storage.SystemClock()))))
	all := make([]*owner, owners)
	for i := range all {
		all[i] = newOwner(t, s, i, chosen)
		for range sessionsOfEach {
			all[i].create()
		}
	}
	for _, target := range []func() move.Side{
		func() move.Side { return openRedis(t, server) },
		func() move.Side { return move.FileOf(openFile(t, storage.SystemClock())) },
	} {
		together(all, func(i int) bool { return i == 20 })
		begin(t, s, target())
		together(all, func(i int) bool { now, _ := s.Progress(); return now.Done && i > 20 })
		together(all, func(i int) bool { return i == 20 })
		now := ended(t, s)
		t.Logf("%d moved in %v", now.Moved, now.Ended.Sub(now.Began))
		for _, o := range all {
			o.judge()
		}
	}
}
