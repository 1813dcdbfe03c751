//go:build linux

package promises

import (
	"encoding/json"
	"fmt"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/bench/load"
	"pagesession/storage/record"
)

// A visitor is one connection whose every request is in the ledger. It is for one
// goroutine.
type visitor struct {
	l    *ledger
	conn *load.Conn
	idle time.Duration // idle timeout of sessions that it creates
	refusals
}

// refusals are the times that answers of 503 took.
type refusals []time.Duration

// patience is more than QueueTimeout, after which the server answers in any case.
const patience = 8 * time.Second

func (s *server) visitor(l *ledger) *visitor {
	return &visitor{l: l, conn: load.DialWithin(s.URL, patience), idle: s.idle}
}

func (v *visitor) close() { v.conn.Close() }

// names numbers the names of sessions, which are unlike any others of this run.
type names struct{ n atomic.Int64 }

func (n *names) next() string { return fmt.Sprintf("bench-%d", n.n.Add(1)) }

// create asks for a session; nil unless the answer is yes.
func (v *visitor) create(name string) *account {
	o := v.l.ask(verbCreate, nil, name, v.idle)
	took, err := v.conn.Get("/set/?name="+url.QueryEscape(name), "")
	id := v.conn.SessionID()
	switch {
	case err != nil:
	case v.status() == fasthttp.StatusOK && id != "":
		return v.l.issue(o, id)
	default:
		v.l.settle(o, v.verdict(o, took))
	}
	return nil
}

// rename changes the value of a session. The server starts a new one where it has
// ended; that one joins the ledger.
func (v *visitor) rename(a *account, name string) answer {
	o := v.l.ask(verbRename, a, name, 0)
	took, err := v.conn.Get("/set/?name="+url.QueryEscape(name), a.id)
	if err != nil {
		return none
	}
	answered := v.verdict(o, took)
	if id := v.conn.SessionID(); answered == yes && id != a.id {
		v.l.settle(o, no)
		anew := v.l.ask(verbCreate, nil, name, v.idle)
		anew.asked = o.asked
		v.l.issue(anew, id)
		return no
	}
	v.l.settle(o, answered)
	return answered
}

// mostTimes is how many times the configured idle timeout the server offers at most.
const mostTimes = 10

// timeout gives a session another idle timeout: once, three times or ten times the configured
// one, which the server offers.
func (v *visitor) timeout(a *account, times int) answer {
	idle := time.Duration(times) * v.idle
	body := fmt.Appendf(nil, `{"idle_timeout_ms":%d}`, idle.Milliseconds())
	o := v.l.ask(verbTimeout, a, "", idle)
	took, err := v.conn.Post("/session/timeout/", a.id, "application/json", body)
	return v.settle(o, took, err)
}

func (v *visitor) refresh(a *account) answer {
	o := v.l.ask(verbRefresh, a, "", 0)
	took, err := v.conn.Do(fasthttp.MethodPost, "/session/refresh/", a.id)
	return v.settle(o, took, err)
}

func (v *visitor) end(a *account) answer {
	o := v.l.ask(verbEnd, a, "", 0)
	took, err := v.conn.Do(fasthttp.MethodPost, "/del/", a.id)
	return v.settle(o, took, err)
}

// settle notes what the last request was answered.
func (v *visitor) settle(o *op, took time.Duration, err error) answer {
	if err != nil {
		return none
	}
	a := v.verdict(o, took)
	v.l.settle(o, a)
	return a
}

func (v *visitor) status() int { return v.conn.Answer.StatusCode() }

// verdict reads the last answer. One that no promise allows is a fault.
func (v *visitor) verdict(o *op, took time.Duration) answer {
	switch v.status() {
	case fasthttp.StatusOK, fasthttp.StatusNoContent:
		return yes
	case fasthttp.StatusAccepted:
		if o.verb == verbEnd {
			return later
		}
	case fasthttp.StatusUnauthorized, fasthttp.StatusConflict:
		return no
	case fasthttp.StatusServiceUnavailable:
		v.refusals = append(v.refusals, took)
		if len(v.conn.Answer.Header.Peek(fasthttp.HeaderRetryAfter)) == 0 {
			v.l.fault("P8", "%s was answered 503 without Retry-After", o.verb)
		}
		return refused
	}
	v.l.fault("P2", "%s was answered %d: %.200q", o.verb, v.status(), v.conn.Answer.Body())
	return none
}

// A clocked is what GET /session/ says.
type clocked struct {
	State, Reason, Name string
	RemainingMS         *int64 `json:"remaining_ms"`
	IdleTimeoutMS       *int64 `json:"idle_timeout_ms"`
}

// peek looks at an id without extending it. The ledger only counts it.
func (v *visitor) peek(id string) (s sighting, err error) {
	s.from = now()
	if _, err := v.conn.Get("/session/", id); err != nil {
		return s, fmt.Errorf("peek: %w", err)
	}
	s.to = now()
	v.l.count()
	var got clocked
	if err := json.Unmarshal(v.conn.Answer.Body(), &got); err != nil || v.status() != fasthttp.StatusOK {
		return s, fmt.Errorf("peek was answered %d: %.200q", v.status(), v.conn.Answer.Body())
	}
	s.state, s.reason, s.name = load.KnownState(got.State, got.Reason), got.Reason, got.Name
	if got.State != record.Live.String() {
		return s, nil
	}
	if got.RemainingMS == nil || got.IdleTimeoutMS == nil {
		v.l.fault("P4", "%s is served at its deadline: it is live with no time left", (&account{id: id}).String())
		return s, nil
	}
	left := time.Duration(*got.RemainingMS) * time.Millisecond
	s.idle = time.Duration(*got.IdleTimeoutMS) * time.Millisecond
	s.dueMin, s.dueMax = s.from+left-time.Millisecond, s.to+left
	return s, nil
}
