package session

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"pagesession/storage/record"
)

// A Draft is a private copy of a session, for a [Change] to work on. It is stored
// when the change returns nil. It is not safe for concurrent use, and must not be
// kept after the change has returned.
type Draft struct {
	rec    record.Record // the session before the change; zero: a new session
	token  Token         // zero: a new session
	id     string
	values list

	idle    time.Duration
	granted time.Duration // the idle timeout before the change; it needs no check
}

// ID returns the id that the session has when the change is stored. It is the
// cookie's value; keep it out of logs.
func (d *Draft) ID() string { return d.id }

// IsNew reports whether the change makes a new session.
func (d *Draft) IsNew() bool { return d.rec.State != record.Live }

// Values returns the values as they are now, until the next Set, Delete or Clear. Do not
// modify their data.
func (d *Draft) Values() Values { return Values{list: d.values} }

// Get returns the value of a name, or nil if there is none.
func (d *Draft) Get(name string) any { return d.values.get(name) }

// String returns the value of a name if it is a string, otherwise "".
func (d *Draft) String(name string) string { return d.Values().String(name) }

// Set sets the value of a name. It copies strings; leave other data unmodified until
// the change is stored. Values are encoded with gob, so register your own types with
// gob.Register.
func (d *Draft) Set(name string, data any) {
	if text, ok := data.(string); ok {
		data = strings.Clone(text) // it may point into a request's buffer
	}
	if i := d.index(name); i >= 0 {
		d.values[i].data = data
		return
	}
	d.values = append(d.values, value{strings.Clone(name), data})
}

// Delete removes the value of a name, if there is one.
func (d *Draft) Delete(name string) {
	if i := d.index(name); i >= 0 {
		d.values = slices.Delete(d.values, i, i+1)
	}
}

// Clear removes all values. Timeouts and id stay.
func (d *Draft) Clear() { d.values = d.values[:0] }

func (d *Draft) index(name string) int {
	return slices.IndexFunc(d.values, func(v value) bool { return v.name == name })
}

// IdleTimeout returns the session's idle timeout; 0: none.
func (d *Draft) IdleTimeout() time.Duration { return d.idle }

// SetIdleTimeout sets the idle timeout of this session alone. If it is below 1 s or
// above the absolute timeout, the change fails with ErrTimeout when it is stored.
func (d *Draft) SetIdleTimeout(idle time.Duration) { d.idle = idle }

// Rotate gives the session a new id and returns it. The old id ends with the reason
// Replaced in the same step. The absolute timeout runs on.
func (d *Draft) Rotate() string {
	d.id = rand.Text()
	return d.id
}

// newDraft returns the draft of a new session.
func (p *Policy) newDraft() *Draft {
	return &Draft{id: rand.Text(), idle: p.cfg.IdleTimeout, granted: p.cfg.IdleTimeout}
}

// draftOf returns a draft of a live session, or nil if the session cannot be
// decoded. It decodes values that are not plain again, because a shallow copy would
// share them.
func (p *Policy) draftOf(t Token, rec *record.Record) *Draft {
	found, ok := p.usable(t.key, rec)
	if !ok {
		return nil
	}
	values := found.all()
	if values.arePlain() {
		values = slices.Clone(values)
	} else if own, err := decode(rec.Value); err == nil {
		values = own
	}
	return &Draft{
		rec: *rec, token: t, id: string(t.id[:]), values: values,
		idle: rec.IdleTimeout, granted: rec.IdleTimeout,
	}
}

// content returns what to store of a draft, and its memo. The memo is nil if the
// values need none, or have to be decoded before requests can share them.
func (p *Policy) content(d *Draft, from ClientInfo) (record.Content, list, error) {
	if d.idle != d.granted {
		if err := p.cfg.CheckIdle(d.idle); err != nil {
			return record.Content{}, nil, err
		}
	}
	subject, err := p.cfg.subjectOf(d.values)
	if err != nil {
		return record.Content{}, nil, err
	}
	d.values.sort()
	gob, err := p.encode(d.values)
	if err != nil {
		return record.Content{}, nil, fmt.Errorf("session: encode the values: %w", err)
	}
	value := withGob(d.rec.Value, gob)
	if d.IsNew() {
		value = sealNew(from, gob)
	}
	return record.Content{Value: value, Subject: subject, Idle: d.idle}, memoOf(d.values), nil
}

// FiberContent returns what to store for values that Fiber's session middleware has
// encoded. They replace those of old; the zero Record stands for a new session. idle
// is what that middleware asks for. If it is the policy's idle timeout, a live
// session keeps its own. Errors: ErrTimeout, ErrSubject, a gob error.
func (p *Policy) FiberContent(old *record.Record, gob []byte, idle time.Duration) (record.Content, error) {
	keep := old.State == record.Live && idle == p.cfg.IdleTimeout
	if keep {
		idle = old.IdleTimeout
	} else if err := p.cfg.CheckIdle(idle); err != nil {
		return record.Content{}, err
	}
	c := record.Content{Value: withGob(old.Value, gob), Idle: idle}
	if p.cfg.SubjectValue == "" {
		return c, nil
	}
	l, err := decode(string(gob))
	if err == nil {
		c.Subject, err = p.cfg.subjectOf(l)
	}
	return c, err
}
