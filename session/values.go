package session

import (
	"encoding/gob"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"

	"pagesession/storage/record"
)

// Values are the values of a session; the zero Values has none. They stay as they were when
// the session was read, and are safe for concurrent use. Requests share them, so do not modify
// the data of a value.
//
// Most sessions have only strings. Those are read where they are stored, and nothing is kept
// decoded beside them. A string shares the memory of all values of its session, so copy it
// with strings.Clone if you keep it for long.
type Values struct {
	pairs string // of a gob with strings only, see stringPairs
	list  list   // of any other
}

// ValuesOf returns Values with this data, for tests of your own. It copies the map, and not what
// is in it.
func ValuesOf(data map[string]any) Values {
	return Values{list: listOf(data)}
}

// Get returns the value of a name, or nil if there is none.
func (v Values) Get(name string) any {
	if text, ok := findPair(v.pairs, name); ok {
		return text
	}
	return v.list.get(name)
}

// String returns the value of a name if it is a string, otherwise "".
func (v Values) String(name string) string {
	if text, ok := findPair(v.pairs, name); ok {
		return text
	}
	text, _ := v.list.get(name).(string)
	return text
}

// Len returns how many values there are. It costs as much as All.
func (v Values) Len() int { return len(v.all()) }

// All iterates over the names and values, sorted by name. It allocates; Get and String do not.
func (v Values) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for _, one := range v.all() {
			if !yield(one.name, one.data) {
				return
			}
		}
	}
}

// all returns the values as a list, which it may share.
func (v Values) all() list {
	if v.pairs == "" {
		return v.list
	}
	data := map[string]any{}
	for name, text := range eachPair(v.pairs) {
		data[name] = text
	}
	return listOf(data)
}

// A list has values, sorted by name.
type list []value

type value struct {
	name string
	data any
}

func listOf(data map[string]any) list {
	l := make(list, 0, len(data))
	for name, datum := range data {
		l = append(l, value{name, datum})
	}
	l.sort()
	return l
}

func (l list) get(name string) any {
	for i := range l {
		if l[i].name == name {
			return l[i].data
		}
	}
	return nil
}

// sort sorts the values by name, because maps have no order.
func (l list) sort() {
	slices.SortFunc(l, func(a, b value) int { return strings.Compare(a.name, b.name) })
}

// arePlain reports whether all values are strings, bools or numbers. Those come out
// of gob as they went in, and sharing them is safe.
func (l list) arePlain() bool {
	for i := range l {
		switch l[i].data.(type) {
		case string, bool, int, int8, int16, int32, int64,
			uint, uint8, uint16, uint32, uint64, float32, float64:
		default:
			return false
		}
	}
	return true
}

func (l list) areStrings() bool {
	for i := range l {
		if _, ok := l[i].data.(string); !ok {
			return false
		}
	}
	return true
}

// memoOf returns the memo of values: a copy of them, or nil if they need none, or requests
// cannot share them.
func memoOf(l list) list {
	if l.areStrings() || !l.arePlain() {
		return nil
	}
	own := slices.Clone(l)
	for i := range own { // so that it does not keep the whole value that they are parts of
		own[i].name = strings.Clone(own[i].name)
		if s, ok := own[i].data.(string); ok {
			own[i].data = strings.Clone(s)
		}
	}
	return own
}

// corrupt is the memo of a value that cannot be decoded. With a store that keeps it,
// the value is decoded and reported once a version, not on every request.
type corrupt struct{}

// usable returns the values of a live session, and false if they cannot be decoded.
// Values that are not all strings are decoded once a version if the store keeps memos, or
// a few times by requests at the same moment.
func (p *Policy) usable(k record.Key, rec *record.Record) (Values, bool) {
	if rec.Memo == nil {
		if pairs, ok := stringPairs(Gob(rec.Value)); ok {
			return Values{pairs: pairs}, true
		}
	}
	switch memo := rec.Memo.(type) {
	case list:
		return Values{list: memo}, true
	case corrupt:
		return Values{}, false
	}
	l, err := decode(rec.Value)
	if err != nil {
		p.memoize(k, rec.Version, corrupt{})
		p.reportCorrupt(k, err)
		return Values{}, false
	}
	p.memoize(k, rec.Version, l)
	return Values{list: l}, true
}

// valuesOf returns the values in a stored value.
func valuesOf(value string) (Values, error) {
	if pairs, ok := stringPairs(Gob(value)); ok {
		return Values{pairs: pairs}, nil
	}
	l, err := decode(value)
	return Values{list: l}, err
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
func decode(stored string) (l list, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			l, err = nil, fmt.Errorf("session: gob panicked: %v", cause)
		}
	}()
	if isNewer(stored) {
		return nil, fmt.Errorf("session: the value has a newer format, %#x; use the version that wrote it, or a newer one", stored[0])
	}
	var data map[string]any
	if err := gob.NewDecoder(strings.NewReader(Gob(stored))).Decode(&data); err != nil {
		return nil, err
	}
	return listOf(data), nil
}
