package session

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"unique"

	"pagesession/storage/record"
)

// Values are a session's decoded values, sorted by name. Requests share them: do not
// modify them.
type Values []Value

// A Value is one named value of a session.
type Value struct {
	Name string
	Data any

	text string // Data if it is a string; saves a cache miss
}

func newValue(name string, data any, text string) Value {
	return Value{Name: unique.Make(name).Value(), Data: data, text: text}
}

// Get returns the value of a name, or nil if there is none.
func (v Values) Get(name string) any {
	for i := range v {
		if v[i].Name == name {
			return v[i].Data
		}
	}
	return nil
}

// String returns the value of a name if it is a string, otherwise "".
func (v Values) String(name string) string {
	for i := range v {
		if v[i].Name != name {
			continue
		}
		if v[i].text != "" {
			return v[i].text
		}
		s, _ := v[i].Data.(string)
		return s
	}
	return ""
}

// sort sorts the values by name, because maps have no order.
func (v Values) sort() {
	slices.SortFunc(v, func(a, b Value) int { return strings.Compare(a.Name, b.Name) })
}

// arePlain reports whether all values are strings, bools or numbers. Those come out
// of gob as they went in, and sharing them is safe.
func (v Values) arePlain() bool {
	for i := range v {
		switch v[i].Data.(type) {
		case string, bool, int, int8, int16, int32, int64,
			uint, uint8, uint16, uint32, uint64, float32, float64:
		default:
			return false
		}
	}
	return true
}

// A memo is what the store keeps beside a session's value: the decoded values. With
// many sessions, each pointer on the way to the name that a page shows costs a cache
// miss, which takes longer than the rest of the visit. So the memo itself holds the
// first value, and sessions share their names.
type memo struct {
	values Values
	room   [1]Value
}

// memoOf returns the memo of values, or nil if requests cannot share them.
func memoOf(values Values) *memo {
	if !values.arePlain() {
		return nil
	}
	m := new(memo)
	m.values = append(m.room[:0], values...)
	return m
}

// corrupt is the memo of a value that cannot be decoded. With a store that keeps it,
// the value is decoded and reported once a version, not on every request.
type corrupt struct{}

// usable returns the memo of a live session, or nil if its value cannot be decoded.
// If the store keeps memos, a value is decoded once a version, or a few times by
// requests at the same moment.
func (p *Policy) usable(k record.Key, rec *record.Record) *memo {
	switch m := rec.Memo.(type) {
	case *memo:
		return m
	case corrupt:
		return nil
	}
	m, err := decode(rec.Value)
	if err != nil {
		p.memoize(k, rec.Version, corrupt{})
		p.reportCorrupt(k, err)
		return nil
	}
	p.memoize(k, rec.Version, m)
	return m
}

func (p *Policy) memoize(k record.Key, version uint64, memo any) {
	if p.memoizer != nil {
		p.memoizer.Memoize(k, version, memo)
	}
}

// reportCorrupt logs a value that cannot be decoded. The policy logs it because the
// caller gets no error: for the visitor there is no session.
func (p *Policy) reportCorrupt(k record.Key, err error) {
	p.cfg.Logger.Error("session value cannot be decoded; the session counts as absent",
		slog.String("session", k.Fingerprint()), slog.Any("error", err))
}

// decode decodes a stored value. gob panics on some hostile inputs, and so may any
// GobDecoder; decode returns that as an error.
func decode(value []byte) (m *memo, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			m, err = nil, fmt.Errorf("session: gob panicked: %v", cause)
		}
	}()
	if isNewer(value) {
		return nil, fmt.Errorf("session: the value has a newer format, %#x; use the version that wrote it, or a newer one", value[0])
	}
	var data map[string]any
	if err := gob.NewDecoder(bytes.NewReader(Gob(value))).Decode(&data); err != nil {
		return nil, err
	}
	m = new(memo)
	m.values = m.room[:0]
	for name, datum := range data {
		text, _ := datum.(string)
		m.values = append(m.values, newValue(name, datum, text))
	}
	m.values.sort()
	return m, nil
}
