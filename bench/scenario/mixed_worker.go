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

// pickKind turns a number from 0 to 999 into a kind, by the shares in README.md.
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

// A held session was last extended at some instant between sent and answered.
type held struct {
	id             string
	sent, answered time.Time
}

// lifeSlack is how much the server's clock and the bench's may differ.
const lifeSlack = 5 * time.Millisecond

// mustLive reports whether an answer at that time has to be "live".
func (h held) mustLive(answered time.Time) bool {
	return answered.Sub(h.sent) < load.IdleTimeout-lifeSlack
}

// mustBeExpired reports whether a request sent at that time has to find it expired.
func (h held) mustBeExpired(sent time.Time) bool {
	return sent.Sub(h.answered) > load.IdleTimeout+lifeSlack
}

// deletedMarker is on the product's page after POST /del/.
const deletedMarker = "session has been deleted"

// deadKept is how many deleted sessions a worker remembers. Older ones would have expired.
const deadKept = 100

// A mixedWorker is one connection with sessions of its own, so it knows what each answer has
// to be.
type mixedWorker struct {
	conn    *load.Conn
	rnd     *rand.Rand
	live    []held
	dead    []held // the server confirmed their deletion; a ring
	deleted int    // in all
	overdue int    // expired because the worker requested them too late, which is right
	tallies [kinds]*load.Tally
	first   string // the first wrong answer, for the report
}

func newMixedWorker(base string, seed, number uint64) *mixedWorker {
	w := &mixedWorker{conn: load.Dial(base), rnd: rand.New(rand.NewPCG(seed, number))}
	for k := range w.tallies {
		w.tallies[k] = load.NewTally()
	}
	return w
}

func (w *mixedWorker) run(ctx context.Context) {
	for ctx.Err() == nil {
		w.step(w.possible(pickKind(w.rnd.IntN(1000))))
	}
}

// possible returns the kind, or a refresh or a creation where the kind has no session yet.
func (w *mixedWorker) possible(k kind) kind {
	if k == kindGone && len(w.dead) == 0 {
		k = kindRefresh
	}
	if k != kindGone && len(w.live) == 0 {
		return kindCreate
	}
	return k
}

// step sends one request and judges its answer.
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

// ask sends a request and returns its times; ok is false where there was no answer.
func (w *mixedWorker) ask(k kind, method, path, id string) (h held, ok bool) {
	sent := time.Now()
	_, err := w.conn.Do(method, path, id)
	if err != nil {
		w.tallies[k].Add(load.NoAnswer, 0)
	}
	return held{id, sent, time.Now()}, err == nil
}

// judge counts an answer; what says what is wrong with it.
func (w *mixedWorker) judge(k kind, right bool, h held, what string) {
	if right {
		w.tallies[k].Add(load.Good, h.answered.Sub(h.sent))
		return
	}
	w.tallies[k].Add(load.Wrong, 0)
	if w.first == "" {
		w.first = fmt.Sprintf("%s: %s: status %d, %.300q", k, what, w.conn.Answer.StatusCode(), w.conn.Answer.Body())
	}
}

// request refreshes a live session or peeks at it, and checks the answer against the time.
func (w *mixedWorker) request(k kind, path string, i int) {
	last := w.live[i]
	now, ok := w.ask(k, http.MethodGet, path, last.id)
	if !ok {
		w.drop(i) // the server may have refreshed it
		return
	}
	alive, understood := w.sees(path)
	switch {
	case !understood:
		w.judge(k, false, now, "unknown answer")
	case alive && last.mustBeExpired(now.sent):
		w.judge(k, false, now, fmt.Sprintf("live %s after its last request", now.sent.Sub(last.answered)))
	case !alive && last.mustLive(now.answered):
		w.judge(k, false, now, fmt.Sprintf("not live %s after its last request", now.answered.Sub(last.sent)))
	case !alive:
		w.overdue++
	default:
		w.judge(k, true, now, "")
	}
	if !alive {
		w.drop(i)
	} else if k == kindRefresh {
		w.live[i] = now
	}
}

// requestDead requests a session that was deleted. The answer must not show it live.
func (w *mixedWorker) requestDead(id string) {
	path := "/get/"
	if w.rnd.IntN(2) == 0 {
		path = "/session/"
	}
	if now, ok := w.ask(kindGone, http.MethodGet, path, id); ok {
		alive, understood := w.sees(path)
		w.judge(kindGone, understood && !alive, now, "a deleted session is live, or the answer is unknown")
	}
}

// sees reports whether the last answer shows a live session, and whether it is one of the
// known answers.
func (w *mixedWorker) sees(path string) (alive, understood bool) {
	if path == "/session/" {
		state, err := w.conn.State()
		return state == load.StateLive, err == nil
	}
	v := w.conn.Judge(load.Live())
	return v == load.Good, v != load.Wrong
}

func (w *mixedWorker) create() {
	now, ok := w.ask(kindCreate, http.MethodGet, "/set/", "")
	if !ok {
		return
	}
	right := isSession(w.conn)
	w.judge(kindCreate, right, now, "not created")
	if right {
		now.id = w.conn.SessionID()
		w.live = append(w.live, now)
	}
}

// remove deletes a session. After a right answer it has to stay deleted.
func (w *mixedWorker) remove(i int) {
	h := w.drop(i)
	now, ok := w.ask(kindDelete, http.MethodPost, "/del/", h.id)
	if !ok {
		return
	}
	right := w.conn.Answer.StatusCode() == 200 && bytes.Contains(w.conn.Answer.Body(), []byte(deletedMarker))
	w.judge(kindDelete, right, now, "not deleted")
	if right {
		w.remember(h)
	}
}

// drop removes a session from the live ones and returns it.
func (w *mixedWorker) drop(i int) held {
	h := w.live[i]
	w.live[i] = w.live[len(w.live)-1]
	w.live = w.live[:len(w.live)-1]
	return h
}

// remember keeps a deleted session, in place of the oldest one when the ring is full.
func (w *mixedWorker) remember(h held) {
	if len(w.dead) < deadKept {
		w.dead = append(w.dead, h)
	} else {
		w.dead[w.deleted%deadKept] = h
	}
	w.deleted++
}
