package main

import (
	"fmt"
	"time"

	"github.com/valyala/fasthttp"
)

// A held session is one that a worker knows to be live, and since when: the
// server granted it its idle time at some instant between sent and answered,
// the times of the last creation or refresh.
type held struct {
	id             string
	sent, answered time.Time
}

// lifeSlack is what the server's milliseconds and ours may differ by.
const lifeSlack = 5 * time.Millisecond

// mustLive reports whether an answer at that time can only be "live".
func (h held) mustLive(answered time.Time) bool {
	return answered.Sub(h.sent) < idleTimeout-lifeSlack
}

// mustBeOver reports whether a request sent then can only find it expired.
func (h held) mustBeOver(sent time.Time) bool {
	return sent.Sub(h.answered) > idleTimeout+lifeSlack
}

// visit refreshes or peeks at a live session, and holds the answer against
// what is known of its time.
func (w *mixedWorker) visit(k kind, path string, i int) {
	h := w.live[i]
	sent, answered, ok := w.ask(k, fasthttp.MethodGet, path, h.id)
	if !ok {
		w.drop(i) // it may have been refreshed, or not: nothing is known of it
		return
	}
	alive, understood := w.sees(path, h.id)
	switch {
	case !understood:
		w.judge(k, false, 0, "not understood")
	case alive && h.mustBeOver(sent):
		w.judge(k, false, 0, fmt.Sprintf("live %s after its last visit", sent.Sub(h.answered)))
	case !alive && h.mustLive(answered):
		w.judge(k, false, 0, fmt.Sprintf("not live %s after its last visit", answered.Sub(h.sent)))
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

// visitDead looks at a session that was deleted: it must be seen as none.
func (w *mixedWorker) visitDead(id string) {
	path := "/get/"
	if w.rnd.IntN(2) == 0 {
		path = "/session/"
	}
	sent, answered, ok := w.ask(kindGone, fasthttp.MethodGet, path, id)
	if !ok {
		return
	}
	alive, understood := w.sees(path, id)
	w.judge(kindGone, understood && !alive, answered.Sub(sent), "a deleted session is live, or the answer makes no sense")
}

// sees reads the last answer of a path: whether the session lives, and
// whether the answer is one that may be given at all.
func (w *mixedWorker) sees(path, id string) (alive, understood bool) {
	if path == "/session/" {
		state, err := readState(w.resp)
		return state == stateLive, err == nil
	}
	expect := expectation{marker: liveMarker, cookie: true}
	want := append([]byte(cookieName+"="), id...)
	v := expect.judge(w.resp.StatusCode(), w.resp.Body(), w.resp.Header.PeekCookie(cookieName), want)
	return v == answerGood, v != answerWrong
}
