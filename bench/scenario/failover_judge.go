package scenario

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"pagesession/bench/load"
)

// lostWithin is how long before the kill an answer may be lost: a replica gets each write a
// moment after the answer (docs/SCALING.md).
const lostWithin = time.Second

// A failoverVerdict counts what is found after a failover.
type failoverVerdict struct {
	Judged     int // sessions
	Ended      int // of them, by an answered end
	Lost       int // that were created and are gone
	Revived    int // that were ended and are live
	Unextended int // that end earlier than the latest answered extension said

	Broken []string // what the contract does not allow
}

// extensionSlack is by how much a session may end early: Redis's TTL is a millisecond
// shorter, and durations are rounded.
const extensionSlack = 5 * time.Millisecond

// judge asks for each session that a visitor knows, and adds what it finds. The first error
// that is no verdict ends it.
func (f *failoverVerdict) judge(conn *load.Conn, list []*redisAccount, killed time.Time, idle time.Duration) error {
	for _, a := range list {
		if a.unsure {
			continue
		}
		found, err := look(conn, a)
		if err != nil {
			return err
		}
		f.add(a, found, killed, idle)
	}
	return nil
}

// A finding is what the server says of a session after the failover.
type finding struct {
	live      bool
	remaining time.Duration
	at        time.Time // when the answer came
	wrong     string    // the page of another session; "" if it is its own
}

// look peeks at a session, and requests the page of one that is live.
func look(conn *load.Conn, a *redisAccount) (f finding, err error) {
	if _, err := conn.Get("/session/", a.id); err != nil {
		return f, fmt.Errorf("look at a session after the failover: %w", err)
	}
	f.at = time.Now()
	var state struct {
		State     string
		Remaining int64 `json:"remaining_ms"`
	}
	err = json.Unmarshal(conn.Answer.Body(), &state)
	if status := conn.Answer.StatusCode(); status != http.StatusOK || err != nil {
		return f, errors.Join(fmt.Errorf("look at a session after the failover: answer %d", status), err)
	}
	f.live, f.remaining = state.State == load.StateLive, time.Duration(state.Remaining)*time.Millisecond
	if !f.live {
		return f, nil
	}
	if _, err := conn.Get("/get/", a.id); err != nil {
		return f, fmt.Errorf("request a session after the failover: %w", err)
	}
	v := failoverVisitor{failoverLedger: newFailoverLedger(), conn: conn}
	if !v.shows(&redisAccount{name: a.name}) {
		f.wrong = fmt.Sprintf("the page of %s after the failover: %.80q", a.name, conn.Answer.Body())
	}
	return f, nil
}

// add compares what was found with what was answered.
func (f *failoverVerdict) add(a *redisAccount, found finding, killed time.Time, idle time.Duration) {
	f.Judged++
	ended := !a.ended.IsZero()
	if ended {
		f.Ended++
	}
	missing := idle - found.at.Sub(a.asked) - found.remaining
	switch {
	case found.wrong != "":
		f.broken("%s", found.wrong)
	case ended && found.live:
		f.Revived++
		f.allow(a, a.ended, killed, "was ended and is live")
	case !ended && !found.live:
		f.Lost++
		f.allow(a, a.created, killed, "was created and is gone")
	case !ended && a.gone:
		f.broken("%s is live, though an answer said that it is not", a.name)
	case !ended && missing > extensionSlack:
		f.Unextended++
		f.allow(a, a.extended, killed, fmt.Sprintf("ends earlier than its latest extension said, by %v", missing))
	}
}

// allow notes a loss that the contract excludes: of a master that did not fail, of an answer
// long before the kill, or of one after it.
func (f *failoverVerdict) allow(a *redisAccount, answered, killed time.Time, what string) {
	before := killed.Sub(answered)
	if !a.failing || before > lostWithin || before < -answerDelay {
		f.broken("%s %s; answered %s before the kill, of the failed master: %t", a.name, what, before.Round(time.Millisecond), a.failing)
	}
}

// answerDelay is how long after the kill the client may read an answer that was sent before.
const answerDelay = 200 * time.Millisecond

func (f *failoverVerdict) broken(format string, args ...any) {
	f.Broken = append(f.Broken, fmt.Sprintf(format, args...))
}
