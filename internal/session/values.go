package session

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	fibersession "github.com/gofiber/fiber/v2/middleware/session"
)

// corrupt is the memo of a value that cannot be decoded, so that it is tried
// and reported once per version and not once per request.
type corrupt struct{}

// usable returns the decoded values of a record that is a session: one that is
// live and can be decoded. A value is decoded once per version (or by each of
// a few requests that come together); the store keeps the result beside it.
func (p *Policy) usable(k Key, rec Record) (Values, bool) {
	if rec.State != Live {
		return nil, false
	}
	switch memo := rec.Memo.(type) {
	case Values:
		return memo, true
	case corrupt:
		return nil, false
	}
	values, err := decode(rec.Value)
	if err != nil {
		p.store.Memoize(k, rec.Version, corrupt{})
		p.reportCorrupt(k, err)
		return nil, false
	}
	p.store.Memoize(k, rec.Version, values)
	return values, true
}

// reportCorrupt tells the operator, because nobody else will: to the visitor
// the record is no session, which is not an error.
func (p *Policy) reportCorrupt(k Key, err error) {
	if p.cfg.Logger != nil {
		p.cfg.Logger.Error("session cannot be decoded and counts as none",
			slog.String("session", fingerprint(k)), slog.Any("error", err))
	}
}

// decode reads what Fiber's Session.Save wrote. gob panics on some hostile
// inputs, and on behalf of any GobDecoder; here a panic is an error.
func decode(value []byte) (values Values, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			values, err = nil, fmt.Errorf("gob: panic: %v", cause)
		}
	}()
	var data map[string]any
	if err := gob.NewDecoder(bytes.NewReader(value)).Decode(&data); err != nil {
		return nil, err
	}
	values = make(Values, 0, len(data))
	for name, datum := range data {
		values = append(values, Value{Name: name, Data: datum})
	}
	return values.sorted(), nil
}

// plain copies the values of a session that is about to be saved, and returns
// false when one of them is neither a string, a bool nor a number: only those
// are known to come out of gob as they went in, and cannot be changed behind
// our back. It spares the decoding of what was encoded a moment ago.
func plain(sess *fibersession.Session) (Values, bool) {
	values := make(Values, 0, 4)
	for _, name := range sess.Keys() {
		datum := sess.Get(name)
		switch d := datum.(type) {
		case string:
			// It may point into a request's buffer, as may the name.
			datum = strings.Clone(d)
		case bool, int, int8, int16, int32, int64,
			uint, uint8, uint16, uint32, uint64, float32, float64:
		default:
			return nil, false
		}
		values = append(values, Value{Name: strings.Clone(name), Data: datum})
	}
	return values.sorted(), true
}

// sorted puts the values in the order of their names: maps have none.
func (v Values) sorted() Values {
	slices.SortFunc(v, func(a, b Value) int { return strings.Compare(a.Name, b.Name) })
	return v
}
