package storetest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"pagesession/session"
	"pagesession/storage/record"
)

func ofSubject(value, subject string) record.Content {
	return record.Content{Value: []byte(value), Subject: subject, Idle: idle}
}

func (s *suite) rowsOf(subject string) []record.Row {
	s.Helper()
	rows, err := again(func() ([]record.Row, error) { return s.Store.OfSubject(s.ctx, subject) })
	s.want(err, nil, "OfSubject")
	return rows
}

// wantOf fails unless a subject has exactly the sessions with these values.
func (s *suite) wantOf(subject string, values ...string) {
	s.Helper()
	var got []string
	for _, row := range s.rowsOf(subject) {
		got = append(got, string(row.Value))
		if row.State != record.Live || row.Subject != subject || row.Handle != row.Key.Handle() || row.IdleTimeout != idle {
			s.Errorf("OfSubject(%q) has %+v; want a live session of that subject", subject, row)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, values) {
		s.Errorf("OfSubject(%q) = %q; want %q", subject, got, values)
	}
}

func (s *suite) subject() {
	longest := strings.Repeat("x", session.MaxSubject)
	one, _ := s.created(ofSubject("1", "ada"))
	two, _ := s.created(ofSubject("2", "ada"))
	s.created(ofSubject("3", longest))
	none, _ := s.created(text("4"))
	s.wantOf("ada", "1", "2")
	s.wantOf(longest, "3")
	s.wantOf("")
	s.wantOf("eve")

	to := newKey()
	_, err := s.rotating(one, to, 0, ofSubject("1 rotated", "ada"))
	s.want(err, nil, "Rotate")
	_, err = s.replacing(none, 0, ofSubject("4 signed in", "ada"))
	s.want(err, nil, "Replace")
	s.wantOf("ada", "1 rotated", "2", "4 signed in")
	_, err = s.replacing(none, 0, text("4 signed out"))
	s.want(err, nil, "Replace")
	_, err = s.ending(two, record.Deleted)
	s.want(err, nil, "End")
	s.wantOf("ada", "1 rotated")
	s.Advance(idle)
	s.wantOf("ada")
}

func (s *suite) endSubject() {
	var keys []record.Key
	for i := range 5 {
		k, _ := s.created(ofSubject(strconv.Itoa(i), "ada"))
		keys = append(keys, k)
	}
	other, _ := s.created(ofSubject("other", "eve"))
	done, cancel := context.WithCancel(s.ctx)
	cancel()
	if n, err := s.Store.EndSubject(done, "ada", record.Revoked); n != 0 || err == nil {
		s.Errorf("EndSubject with a context that is done = %d, %v; want 0 and an error", n, err)
	}
	s.wantOf("ada", "0", "1", "2", "3", "4")
	n, err := s.endingSubject("ada", newKey(), keys[2], keys[3])
	if n != 3 || err != nil {
		s.Errorf("EndSubject = %d, %v; want 3, nil", n, err)
	}
	s.wantOf("ada", "2", "3")
	s.wantOf("eve", "other")
	s.gone(keys[0], record.Revoked)
	if n, err := s.endingSubject("ada"); n != 2 || err != nil {
		s.Errorf("EndSubject = %d, %v; want 2, nil", n, err)
	}
	for _, without := range []string{"", "ada", "unknown"} {
		if n, err := s.endingSubject(without); n != 0 || err != nil {
			s.Errorf("EndSubject(%q) = %d, %v; want 0, nil", without, n, err)
		}
	}
	s.wantLive(s.peek(other), "other", "Peek of another subject's session")
}

func (s *suite) endingSubject(subject string, except ...record.Key) (int, error) {
	return inForce(again(func() (int, error) { return s.Store.EndSubject(s.ctx, subject, record.Revoked, except...) }))
}

// EndSubject also ends sessions that are rotated all the time.
func (s *suite) raceEndSubject() {
	for round := range rounds {
		subject := "subject " + strconv.Itoa(round)
		var begun, all sync.WaitGroup
		var stop atomic.Bool
		last := make([]record.Key, racers)
		for i := range racers {
			k, _ := s.created(ofSubject("value", subject))
			begun.Add(1)
			all.Go(func() { last[i] = s.rotateUntilEnded(k, subject, begun.Done, &stop) })
		}
		begun.Wait()
		_, err := s.endingSubject(subject)
		s.want(err, nil, "EndSubject")
		s.wantOf(subject)
		stop.Store(true)
		all.Wait()
		for _, k := range last {
			s.wantEnded(k, record.Revoked)
		}
	}
}

// rotateUntilEnded rotates a session until that fails or stop is set, and returns
// its last key.
func (s *suite) rotateUntilEnded(k record.Key, subject string, begun func(), stop *atomic.Bool) record.Key {
	for first := true; first || !stop.Load(); first = false {
		to := newKey()
		_, err := s.rotating(k, to, 0, ofSubject("rotated", subject))
		if first {
			begun()
		}
		if err != nil {
			s.wantOneOf(err, "Rotate", session.ErrEnded)
			return k
		}
		k = to
	}
	return k
}

// startWait starts a Wait and returns the channel of its answer.
func (s *suite) startWait(ctx context.Context, k record.Key) <-chan waited {
	answer := make(chan waited, 1)
	go func() {
		rec, err := again(func() (record.Record, error) { return s.Store.Wait(ctx, k) })
		answer <- waited{rec, err}
	}()
	return answer
}

type waited struct {
	record.Record
	error
}

// stuck is how long a Wait may take to return after its session has ended.
const stuck = 30 * time.Second

func (s *suite) wantWaited(answer <-chan waited, state record.State, why record.Reason) {
	s.Helper()
	select {
	case got := <-answer:
		if got.error != nil || got.State != state || !s.reason(got.Reason, why) {
			s.Errorf("Wait = %v %v, %v; want %v %v", got.State, got.Reason, got.error, state, why)
		}
	case <-time.After(stuck):
		s.Errorf("Wait did not return for %v %v", state, why)
	}
}

// endless returns the key of a session without timeouts, so that no clock ends a
// Wait for it.
func (s *suite) endless(subject string) record.Key {
	s.Helper()
	k := newKey()
	_, err := s.creating(k, record.Content{Value: []byte("value"), Subject: subject}, 0)
	s.want(err, nil, "Create")
	return k
}

// wantWaiting fails if a Wait returns within 50 ms. It also gives the Wait's
// goroutine time to begin.
func (s *suite) wantWaiting(answer <-chan waited) {
	s.Helper()
	select {
	case got := <-answer:
		s.Errorf("Wait of a live session = %v %v, %v; want it to go on waiting", got.State, got.Reason, got.error)
	case <-time.After(50 * time.Millisecond):
	}
}

func (s *suite) waitEnds() {
	s.wantWaited(s.startWait(s.ctx, newKey()), record.None, record.NoReason)
	s.waitEndedBy(record.Deleted, func(k record.Key) error {
		_, err := s.ending(k, record.Deleted)
		return err
	})
	s.waitEndedBy(record.Replaced, func(k record.Key) error {
		_, err := s.rotating(k, newKey(), 0, text("moved"))
		return err
	})
	s.waitEndedBy(record.Revoked, func(record.Key) error {
		_, err := s.endingSubject("ada")
		return err
	})
	k, _ := s.created(text("value"))
	s.Advance(idle / 2)
	answer := s.startWait(s.ctx, k)
	s.wantWaiting(answer)
	if left := s.peek(k).Remaining; left > idle/2 {
		s.Errorf("%v left during a Wait; want %v at most, as Wait extends nothing", left, idle/2)
	}
	s.Advance(idle / 2)
	s.wantWaited(answer, record.Ended, record.Idle)
}

// waitEndedBy checks that a Wait goes on during changes and visits, and returns
// after end has ended the session.
func (s *suite) waitEndedBy(why record.Reason, end func(record.Key) error) {
	s.Helper()
	k := s.endless("ada")
	answer := s.startWait(s.ctx, k)
	_, err := s.replacing(k, 0, record.Content{Value: []byte("changed"), Subject: "ada"})
	s.want(err, nil, "Replace")
	s.refreshed(k)
	s.wantWaiting(answer)
	s.want(end(k), nil, "the end")
	s.wantWaited(answer, record.Ended, why)
	s.wantWaited(s.startWait(s.ctx, k), record.Ended, why)
}

func (s *suite) waitContext() {
	k, _ := s.created(text("value"))
	ctx, cancel := context.WithCancel(s.ctx)
	answer := s.startWait(ctx, k)
	s.wantWaiting(answer)
	cancel()
	select {
	case got := <-answer:
		if !errors.Is(got.error, context.Canceled) {
			s.Errorf("Wait = %v; want the context's error", got.error)
		}
	case <-time.After(stuck):
		s.Error("Wait did not return when its context was done")
	}
}
