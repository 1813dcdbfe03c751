package scenario

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"pagesession/bench/load"
)

// failoverPatience is how long a visitor waits for an answer: a call to Redis has half a
// second, a change three.
const failoverPatience = 3 * time.Second

// A failoverVisitor creates sessions, extends them and ends some, on one connection.
type failoverVisitor struct {
	*failoverLedger
	number   int
	conn     *load.Conn
	masterOf func(id string) int
	chance   *rand.Rand

	all  []*redisAccount // every session that it created
	live []*redisAccount // those of them that it may request
}

// run sends requests until the context is done. A pause after each leaves the processor to
// the Cluster.
func (v *failoverVisitor) run(ctx context.Context) {
	defer v.conn.Close()
	for ctx.Err() == nil {
		switch n := v.chance.IntN(20); {
		case n < 2 || len(v.live) == 0:
			v.create()
		case n == 2:
			v.end(v.chance.IntN(len(v.live)))
		default:
			v.extend(v.chance.IntN(len(v.live)))
		}
		_ = sleep(ctx, time.Millisecond)
	}
}

func (v *failoverVisitor) create() {
	name := fmt.Sprintf("visitor-%d-%d-", v.number, len(v.all))
	took, err := v.conn.Get("/set/?name="+name, "")
	id := v.conn.SessionID()
	if err != nil || v.conn.Answer.StatusCode() != http.StatusOK || id == "" {
		v.refused(err, true, "a creation") // which master it was for is unknown
		return
	}
	now := time.Now()
	a := &redisAccount{id: id, name: name, failing: v.masterOf(id) == failedMaster, frozen: len(v.all)%2 == 0, created: now, asked: now.Add(-took), extended: now}
	v.yes(a.failing, took)
	v.all, v.live = append(v.all, a), append(v.live, a)
}

// refused counts a request that got no good answer, and blames one that is no 503.
func (v *failoverVisitor) refused(err error, failing bool, what string) {
	if status := v.conn.Answer.StatusCode(); err == nil && status != http.StatusServiceUnavailable {
		v.blame(fmt.Sprintf("%s got %d: %.80q", what, status, v.conn.Answer.Body()))
		return
	}
	v.no(failing)
}

// extend requests the page of a session, and takes it from the list if it may not be
// requested any more.
func (v *failoverVisitor) extend(i int) {
	a := v.live[i]
	if a.frozen && v.after() {
		v.drop(i)
		return
	}
	asked := time.Now()
	took, err := v.conn.Get("/get/", a.id)
	switch {
	case err != nil || v.conn.Answer.StatusCode() != http.StatusOK:
		v.refused(err, a.failing, "an extension")
	case v.shows(a):
		a.asked, a.extended = asked, time.Now()
		v.yes(a.failing, took)
	default:
		v.drop(i)
	}
}

// shows reports whether the last answer is the page of that session. One that says that
// there is none is judged at the end; any other page is wrong.
func (v *failoverVisitor) shows(a *redisAccount) bool {
	switch verdict := v.conn.Judge(load.Live()); {
	case verdict == load.Expired:
		a.gone = true
		return false
	case verdict != load.Good || !bytes.Contains(v.conn.Answer.Body(), []byte(a.name)):
		v.blame(fmt.Sprintf("the page of %s has verdict %d: %.80q", a.name, verdict, v.conn.Answer.Body()))
		return false
	}
	return true
}

func (v *failoverVisitor) end(i int) {
	a := v.live[i]
	if a.frozen && v.after() {
		v.drop(i)
		return
	}
	v.drop(i)
	took, err := v.conn.Do(http.MethodPost, "/del/", a.id)
	if err != nil || v.conn.Answer.StatusCode() != http.StatusOK {
		a.unsure = true
		v.refused(err, a.failing, "an end")
		return
	}
	a.ended = time.Now()
	v.yes(a.failing, took)
}

// drop takes a session from those that are requested.
func (v *failoverVisitor) drop(i int) {
	last := len(v.live) - 1
	v.live[i] = v.live[last]
	v.live = v.live[:last]
}
