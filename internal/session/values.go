package session

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"unique"

	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/storage/record"
)

// A memo is what the store keeps beside a session's value: the values decoded.
// With many sessions each pointer on the way to the name that a page shows costs
// a look into memory that no cache has, longer than all else of the look. So the
// first value, the product's only one, stands in the memo itself, and sessions that
// are decoded between two garbage collections share their names.
type memo struct {
	values Values
	room   [1]Value
}

// add appends a value. Neither it nor its name may change any more.
func (m *memo) add(name string, data any) {
	if m.values == nil {
		m.values = m.room[:0]
	}
	text, _ := data.(string)
	m.values = append(m.values, Value{Name: unique.Make(name).Value(), Data: data, text: text})
}

// corrupt is the memo of a value that cannot be decoded, so that it is tried
// and reported once per version and not once per request.
type corrupt struct{}

// usable returns the memo of a record that is a session, one that is live and
// can be decoded, else nil. A value is decoded once per version (or by each of
// a few requests that come together); the store keeps the result beside it.
func (p *Policy) usable(k record.Key, rec record.Record) *memo {
	if rec.State != record.Live {
		return nil
	}
	switch m := rec.Memo.(type) {
	case *memo:
		return m
	case corrupt:
		return nil
	}
	m, err := decode(rec.Value)
	if err != nil {
		p.store.Memoize(k, rec.Version, corrupt{})
		p.reportCorrupt(k, err)
		return nil
	}
	p.store.Memoize(k, rec.Version, m)
	return m
}

// reportCorrupt tells the operator, because no page does: to the visitor
// the record is no session, which is not an error.
func (p *Policy) reportCorrupt(k record.Key, err error) {
	if p.cfg.Logger != nil {
		p.cfg.Logger.Error("session cannot be decoded and counts as none",
			slog.String("session", k.Fingerprint()), slog.Any("error", err))
	}
}

// decode reads what Fiber's Session.Save wrote, with or without client info. gob panics on some hostile
// inputs, and on behalf of any GobDecoder; here a panic is an error.
func decode(value []byte) (m *memo, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			m, err = nil, fmt.Errorf("gob: panic: %v", cause)
		}
	}()
	if isNewer(value) {
		return nil, fmt.Errorf("the value is of a newer form, %#x; use the version that wrote it, or a newer one", value[0])
	}
	var data map[string]any
	if err := gob.NewDecoder(bytes.NewReader(gobOf(value))).Decode(&data); err != nil {
		return nil, err
	}
	m = new(memo)
	for name, datum := range data {
		m.add(name, datum)
	}
	m.values.sort()
	return m, nil
}

// plain copies the values of a session that is about to be saved, and returns
// nil when one of them is neither a string, a bool nor a number: only those
// are known to come out of gob as they went in, and cannot be changed behind
// our back. It spares the decoding of what was encoded a moment ago.
func plain(sess *fibersession.Session) *memo {
	m := new(memo)
	for _, name := range sess.Keys() {
		datum := sess.Get(name)
		switch d := datum.(type) {
		case string:
			// It may point into a request's buffer, as may the name.
			datum = strings.Clone(d)
		case bool, int, int8, int16, int32, int64,
			uint, uint8, uint16, uint32, uint64, float32, float64:
		default:
			return nil
		}
		m.add(name, datum)
	}
	m.values.sort()
	return m
}

// sort puts the values in the order of their names: maps have none.
func (v Values) sort() {
	slices.SortFunc(v, func(a, b Value) int { return strings.Compare(a.Name, b.Name) })
}
