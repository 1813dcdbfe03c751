package redis_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pagesession/internal/testkit/netns"
	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// Two networks with one line between them. The master of a Sentinel is in the first, with a
// server beside it; the replicas, the sentinels and another server are in the second.
type partition struct {
	t             *testing.T
	first, second *netns.Namespace
	redis         *testredis.Sentinel
	beside, other *redis.Store
}

// partitioned opens a Store in each network.
func partitioned(t *testing.T, name string, replicas int, settings ...string) *partition {
	t.Helper()
	p := &partition{t: t, first: netns.New(t, name+"1"), second: netns.New(t, name+"2")}
	p.first.IP(t, "link set lo up\nlink add wire type veth peer name wire netns "+p.second.Name+"\naddr add 198.18.0.1/24 dev wire\nlink set wire up")
	p.second.IP(t, "link set lo up\naddr add 198.18.0.2/24 dev wire\nlink set wire up")
	a, b := testredis.Host{Address: "198.18.0.1", Do: p.first.Do}, testredis.Host{Address: "198.18.0.2", Do: p.second.Do}
	p.redis = testredis.NewSentinelAt(t, a, b, settings...)
	cfg := quick(p.redis.Master)
	cfg.Addresses, cfg.MasterSet, cfg.Replicas = p.redis.Addrs(), testredis.MasterSet, replicas
	p.beside, p.other = open(t, cfg.WithDial(a.Dial)), open(t, cfg.WithDial(b.Dial))
	return p
}

// cut takes the line away. What is sent over it is lost, and neither side hears of it.
func (p *partition) cut() { p.second.IP(p.t, "link set wire down") }

// mend brings the line back.
func (p *partition) mend() { p.second.IP(p.t, "link set wire up") }

// An outcome is what the server beside the old master was answered while the line was cut,
// and what is left of it.
type outcome struct{ created, createdLost, ended, endedRevived, notDurable, refused int }

func (o outcome) String() string {
	return fmt.Sprintf("%d creations answered, %d of them lost; %d ends answered, %d of them undone, %d more said to be not durable; %d calls refused",
		o.created, o.createdLost, o.ended, o.endedRevived, o.notDurable, o.refused)
}

// A master that is cut off from its replica and its sentinels goes on with the server beside
// it (R9). What it takes then is rolled back, and with min-replicas-to-write only what it
// takes in the first seconds. An end that Replicas replicas have is never undone. The server
// that is cut off from the master has an outage until the failover.
func TestPartition_OldMaster(t *testing.T) {
	t.Parallel()
	t.Run("alone", func(t *testing.T) {
		t.Parallel()
		p := partitioned(t, "alone", 0)
		if o := p.run(); o.createdLost == 0 || o.endedRevived == 0 || o.refused > o.createdLost {
			t.Errorf("%v; want what the old master took to be lost", o)
		}
		until(t, "the server beside the old master notices the loss", func() bool { return p.beside.Health().Loss.Times > 0 })
	})
	t.Run("with replicas", func(t *testing.T) {
		t.Parallel()
		o := partitioned(t, "replicas", 1, "min-replicas-to-write", "1", "min-replicas-max-lag", "1").run()
		if o.endedRevived != 0 || o.notDurable == 0 || o.refused < o.createdLost {
			t.Errorf("%v; want no end undone that was answered as durable, and the old master to refuse", o)
		}
	})
}

// run cuts the line until there is another master, and mends it.
func (p *partition) run() outcome {
	t := p.t
	t.Helper()
	live, ended := created(t, p.beside, content("live", time.Hour), 0), created(t, p.beside, content("ended", time.Hour), 0)
	if _, err := p.beside.End(t.Context(), ended, record.Deleted); err != nil {
		t.Fatal(err)
	}
	toEnd := make([]record.Key, 100)
	for i := range toEnd {
		toEnd[i] = created(t, p.beside, content("value", time.Hour), 0)
	}
	until(t, "the replicas have all", func() bool {
		last := p.beside.LiveName(toEnd[99])
		return p.redis.Replica.Text(t, "EXISTS", last) == "1" && p.redis.Second.Text(t, "EXISTS", last) == "1"
	})
	p.cut()
	begin := time.Now()
	wantOutage(t, p.other, live)
	o := new(tally)
	until(t, "there is another master", func() bool {
		p.use(o, live, toEnd)
		rec, err := p.other.Refresh(t.Context(), live)
		if err == nil && rec.State != record.Live {
			t.Fatalf("Refresh at the new master = %v; want live", rec.State)
		}
		return err == nil
	})
	t.Logf("the server that was cut off was back after %v", time.Since(begin).Round(time.Millisecond))
	p.mend()
	until(t, "the old master is a replica", func() bool {
		p.use(o, live, toEnd)
		info, err := p.redis.Master.Do("INFO", "replication") // the sentinels close its connections
		if err != nil {
			return false
		}
		text, _ := info.ToString()
		return testredis.Field(text, "master_link_status") == "up"
	})
	for name, s := range map[string]*redis.Store{"beside": p.beside, "other": p.other} {
		wantBack(t, s, live, record.Live)
		if rec := peek(t, s, ended); rec.Reason != record.Deleted {
			t.Errorf("%s: Peek of a session that was ended before = %+v; want ended", name, rec)
		}
	}
	out := o.left(t, p.other)
	t.Log(out)
	return out
}

// A tally has what the server beside the old master was answered.
type tally struct {
	outcome
	made, gone []record.Key
}

// use makes some calls at the server beside the old master. A session that lives is live or
// unavailable.
func (p *partition) use(o *tally, live record.Key, toEnd []record.Key) {
	t := p.t
	k := newKey()
	if _, err := p.beside.Create(t.Context(), k, content("made", time.Hour), 0); err == nil {
		o.made = append(o.made, k)
	} else if o.refused++; !errors.Is(err, record.ErrUnavailable) {
		t.Errorf("Create = %v; want unavailable", err)
	}
	if n := len(o.gone) + o.notDurable; n < len(toEnd) && len(o.made) > n {
		_, err := p.beside.End(t.Context(), toEnd[n], record.Deleted)
		switch {
		case err == nil:
			o.gone = append(o.gone, toEnd[n])
		case errors.Is(err, record.ErrNotDurable):
			o.notDurable++
		case !errors.Is(err, record.ErrUnavailable):
			t.Errorf("End = %v; want unavailable", err)
		}
	}
	if rec, err := p.beside.Refresh(t.Context(), live); err == nil && rec.State != record.Live || err != nil && !errors.Is(err, record.ErrUnavailable) {
		t.Errorf("Refresh = %v, %v; want live or unavailable", rec.State, err)
	}
}

// left counts what is left.
func (o *tally) left(t *testing.T, s *redis.Store) outcome {
	t.Helper()
	o.created, o.ended = len(o.made), len(o.gone)
	for _, k := range o.made {
		if rec := peek(t, s, k); rec.State != record.Live {
			o.createdLost++
		}
	}
	for _, k := range o.gone {
		if rec := peek(t, s, k); rec.State == record.Live {
			o.endedRevived++
		}
	}
	return o.outcome
}

// wantOutage fails unless calls fail as unavailable, and at once after the first second.
func wantOutage(t *testing.T, s *redis.Store, k record.Key) {
	t.Helper()
	begin := time.Now()
	for s.Health().Away == 0 {
		if _, err := s.Refresh(t.Context(), k); !errors.Is(err, record.ErrUnavailable) {
			t.Fatalf("Refresh without a line to Redis = %v; want unavailable", err)
		}
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("the outage was noticed after %v; want 1 s at most", took)
	}
}
