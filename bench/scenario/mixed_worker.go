package scenario

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"pagesession/bench/load"
)

// A kind is what a request of the mixed load does.
type kind int

const (
	kindRefresh kind = iota // GET /get/ of a live session
	kindPeek                // GET /session/ of a live session
	kindCreate              // GET /set/ without a cookie
	kindDelete              // POST /del/ of a live session
	kindGone                // GET /get/ or /session/ of one that was deleted
	kinds                   // how many there are
)

func (k kind) String() string {
	return [...]string{"refresh", "peek", "create", "delete", "deleted, again"}[k]
}

// pickKind turns a number from 0 to 999 into what to do: 90 % refreshes, 8 %
// peeks, 1 % creations, 1 % deletions. One in a hundred is a refresh or a peek
// of a session that was deleted, taken from their shares.
func pickKind(n int) kind {
	switch {
	case n < 10:
		return kindCreate
	case n < 20:
		return kindDelete
	case n < 30:
		return kindGone
	case n < 109:
		return kindPeek
	default:
		return kindRefresh
	}
}

// A held session is one that a worker knows to be live, and since when: the
// server granted it its idle time at some instant between sent and answered,
// the times of the last creation or refresh.
type held struct {
	id             string
	sent, answered time.Time
}

// lifeSlack is what the server's milliseconds and the bench's may differ by.
const lifeSlack = 5 * time.Millisecond

// mustLive reports whether an answer at that time can only be "live".
func (h held) mustLive(answered time.Time) bool {
	return answered.Sub(h.sent) < load.IdleTimeout-lifeSlack
}

// mustBeExpired reports whether a request sent then can only find it expired.
func (h held) mustBeExpired(sent time.Time) bool {
	return sent.Sub(h.answered) > load.IdleTimeout+lifeSlack
}

// deletedMarker is on the product's page after POST /del/.
const deletedMarker = "session has been deleted"

// deadKept bounds the deleted sessions that one worker remembers, the latest:
// an older one would have expired by now in any case, and proves nothing.
const deadKept = 100

// A mixedWorker is one connection with sessions of its own: no other refreshes
// or deletes them, so it knows what each answer has to be.
type mixedWorker struct {
	conn    *load.Conn
	rnd     *rand.Rand
	live    []held
	dead    []held // deleted, and answered so; a ring
	deleted int    // in all
	overdue int    // expired because they were not requested in time: not wrong
	tallies [kinds]*load.Tally
	first   string // the first wrong answer, for the report
}

func newMixedWorker(base string, seed, number uint64) (*mixedWorker, error) {
	conn, err := load.Dial(base)
	w := &mixedWorker{conn: conn, rnd: rand.New(rand.NewPCG(seed, number))}
	for k := range w.tallies {
		w.tallies[k] = load.NewTally()
	}
	return w, err
}

func (w *mixedWorker) run(ctx context.Context) {
	for ctx.Err() == nil {
		w.step(w.possible(pickKind(w.rnd.IntN(1000))))
	}
}

// possible replaces what cannot be done: without a deleted session a refresh
// is made, and without a live one a creation.
func (w *mixedWorker) possible(k kind) kind {
	if k == kindGone && len(w.dead) == 0 {
		k = kindRefresh
	}
	if k != kindGone && len(w.live) == 0 {
		return kindCreate
	}
	return k
}

// step makes one request and judges its answer.
func (w *mixedWorker) step(k kind) {
	switch k {
	case kindCreate:
		w.create()
	case kindDelete:
		w.remove(w.rnd.IntN(len(w.live)))
	case kindGone:
		w.requestDead(w.dead[w.rnd.IntN(len(w.dead))].id)
	case kindPeek:
		w.request(k, "/session/", w.rnd.IntN(len(w.live)))
	default:
		w.request(kindRefresh, "/get/", w.rnd.IntN(len(w.live)))
	}
}

// ask sends a request; ok is false where there was no answer.
func (w *mixedWorker) ask(k kind, ask func(path, id string) (time.Duration, error), path, id string) (sent, answered time.Time, ok bool) {
	sent = time.Now()
	_, err := ask(path, id)
	answered = time.Now()
	if err != nil {
		w.tallies[k].Add(load.NoAnswer, 0)
	}
	return sent, answered, err == nil
}

// judge counts an answer.
func (w *mixedWorker) judge(k kind, right bool, took time.Duration, what string) {
	if right {
		w.tallies[k].Add(load.Good, took)
		return
	}
	w.tallies[k].Add(load.Wrong, took)
	if w.first == "" {
		w.first = fmt.Sprintf("%s: %s: status %d, %.300q", k, what, w.conn.Status(), w.conn.Body())
	}
}

// request refreshes or peeks at a live session, and holds the answer against
// what is known of its time.
func (w *mixedWorker) request(k kind, path string, i int) {
	h := w.live[i]
	sent, answered, ok := w.ask(k, w.conn.Get, path, h.id)
	if !ok {
		w.drop(i) // it may have been refreshed, or not: nothing is known of it
		return
	}
	alive, understood := w.sees(path)
	switch {
	case !understood:
		w.judge(k, false, 0, "not understood")
	case alive && h.mustBeExpired(sent):
		w.judge(k, false, 0, fmt.Sprintf("live %s after its last request", sent.Sub(h.answered)))
	case !alive && h.mustLive(answered):
		w.judge(k, false, 0, fmt.Sprintf("not live %s after its last request", answered.Sub(h.sent)))
	case !alive:
		w.overdue++
	default:
		w.judge(k, true, answered.Sub(sent), "")
	}
	if !alive {
		w.drop(i)
	} else if k == kindRefresh {
		w.live[i] = held{h.id, sent, answered}
	}
}

// requestDead looks at a session that was deleted: it must be seen as none.
func (w *mixedWorker) requestDead(id string) {
	path := "/get/"
	if w.rnd.IntN(2) == 0 {
		path = "/session/"
	}
	sent, answered, ok := w.ask(kindGone, w.conn.Get, path, id)
	if !ok {
		return
	}
	alive, understood := w.sees(path)
	w.judge(kindGone, understood && !alive, answered.Sub(sent), "a deleted session is live, or the answer makes no sense")
}

// sees reads the last answer of a path: whether the session lives, and
// whether the answer is one that may be given at all.
func (w *mixedWorker) sees(path string) (alive, understood bool) {
	if path == "/session/" {
		state, err := w.conn.State()
		return state == load.StateLive, err == nil
	}
	v := w.conn.Judge(load.Live())
	return v == load.Good, v != load.Wrong
}

func (w *mixedWorker) create() {
	sent, answered, ok := w.ask(kindCreate, w.conn.Get, "/set/", "")
	if !ok {
		return
	}
	right := isSession(w.conn)
	w.judge(kindCreate, right, answered.Sub(sent), "not created")
	if right {
		w.live = append(w.live, held{w.conn.SessionID(), sent, answered})
	}
}

// remove deletes a session. Whatever the answer, it is not known to live any
// more; only a good answer makes it one that must never come back.
func (w *mixedWorker) remove(i int) {
	h := w.drop(i)
	sent, answered, ok := w.ask(kindDelete, w.conn.Post, "/del/", h.id)
	if !ok {
		return
	}
	right := w.conn.Status() == 200 && bytes.Contains(w.conn.Body(), []byte(deletedMarker))
	w.judge(kindDelete, right, answered.Sub(sent), "not deleted")
	if right {
		w.remember(h)
	}
}

// drop takes a session out of those that are live.
func (w *mixedWorker) drop(i int) held {
	h := w.live[i]
	w.live[i] = w.live[len(w.live)-1]
	w.live = w.live[:len(w.live)-1]
	return h
}

// remember keeps a deleted session, in the place of the oldest when there are
// enough.
func (w *mixedWorker) remember(h held) {
	if len(w.dead) < deadKept {
		w.dead = append(w.dead, h)
	} else {
		w.dead[w.deleted%deadKept] = h
	}
	w.deleted++
}
