package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/valyala/fasthttp"
)

// deletedMarker is on the product's page after POST /del/.
const deletedMarker = "session has been deleted"

// A tally is what one kind of request gave.
type tally struct {
	good, wrong, errors int64
	times               *hdrhistogram.Histogram // microseconds, of good answers
}

// deadKept bounds the deleted sessions that one worker remembers, the latest:
// an older one would be over by now in any case, and proves nothing.
const deadKept = 100

// A mixedWorker is one connection with sessions of its own: nobody else
// refreshes or deletes them, so it knows what each answer has to be.
type mixedWorker struct {
	http    *fasthttp.HostClient
	base    string
	rnd     *rand.Rand
	live    []held
	dead    []held // deleted, and answered so; a ring
	deleted int    // in all
	overdue int64  // expired because they were not visited in time: not wrong
	tallies [kinds]tally
	first   string // the first wrong answer, for the report
	req     *fasthttp.Request
	resp    *fasthttp.Response
}

func newMixedWorker(http *fasthttp.HostClient, base string, seed, number uint64) *mixedWorker {
	w := &mixedWorker{http: http, base: base, rnd: rand.New(rand.NewPCG(seed, number)), req: &fasthttp.Request{}, resp: &fasthttp.Response{}}
	for k := range w.tallies {
		w.tallies[k].times = newHistogram()
	}
	return w
}

func (w *mixedWorker) work(ctx context.Context) {
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
		w.visitDead(w.dead[w.rnd.IntN(len(w.dead))].id)
	case kindPeek:
		w.visit(k, "/session/", w.rnd.IntN(len(w.live)))
	default:
		w.visit(kindRefresh, "/get/", w.rnd.IntN(len(w.live)))
	}
}

// ask sends a request; ok is false where there was no answer.
func (w *mixedWorker) ask(k kind, method, path, id string) (sent, answered time.Time, ok bool) {
	w.req.Reset()
	w.req.Header.SetMethod(method)
	w.req.SetRequestURI(w.base + path)
	if id != "" {
		w.req.Header.SetCookie(cookieName, id)
	}
	sent = time.Now()
	err := w.http.Do(w.req, w.resp)
	answered = time.Now()
	if err != nil {
		w.tallies[k].errors++
		time.Sleep(5 * time.Millisecond) // a dead server must not cost us a core
	}
	return sent, answered, err == nil
}

// judge counts an answer.
func (w *mixedWorker) judge(k kind, right bool, took time.Duration, what string) {
	if right {
		w.tallies[k].good++
		_ = w.tallies[k].times.RecordValue(took.Microseconds()) // within the patience
		return
	}
	w.tallies[k].wrong++
	if w.first == "" {
		w.first = fmt.Sprintf("%s: %s: status %d, %.300q", k, what, w.resp.StatusCode(), w.resp.Body())
	}
}

func (w *mixedWorker) create() {
	sent, answered, ok := w.ask(kindCreate, fasthttp.MethodGet, "/set/", "")
	if !ok {
		return
	}
	id := cookieValue(w.resp.Header.PeekCookie(cookieName))
	right := w.resp.StatusCode() == fasthttp.StatusOK && id != "" && bytes.Contains(w.resp.Body(), []byte(createdMarker))
	w.judge(kindCreate, right, answered.Sub(sent), "not created")
	if right {
		w.live = append(w.live, held{id, sent, answered})
	}
}

// remove deletes a session. Whatever the answer, we do not know that it lives
// any more; only a good answer makes it one that must never come back.
func (w *mixedWorker) remove(i int) {
	h := w.drop(i)
	sent, answered, ok := w.ask(kindDelete, fasthttp.MethodPost, "/del/", h.id)
	if !ok {
		return
	}
	right := w.resp.StatusCode() == fasthttp.StatusOK && bytes.Contains(w.resp.Body(), []byte(deletedMarker))
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
