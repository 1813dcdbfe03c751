package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// Bounds of a Table.
const (
	MaxTableFields = 16             // of one call
	MaxTableField  = 64             // bytes of a field's name
	MaxTableValue  = 4096           // bytes of a value
	MaxTableStay   = 24 * time.Hour // of a value
)

// ErrTable is returned for a call that is out of the bounds of a Table.
var ErrTable = errors.New("redis: out of the bounds of a table")

// A Table has small values that several servers change together. A change names what the
// values were; it is made as a whole, and only if they still are. So servers read, decide
// and change without a lock, and try again if another server changed a value meanwhile. Each value has a time after
// which it is gone. All values of a table lie in one slot of a Cluster. It is safe for
// concurrent use. Make one with Store.Table.
type Table struct {
	store *Store
	name  string
	tag   int
	most  int
}

// Table returns the table of a name, for at most most values: of more, those that expire next
// are removed. All servers have to name the same number. It asks Redis nothing.
func (s *Store) Table(name string, most int) Table {
	return Table{s, name, tagOf(handleOf("table " + name)), most}
}

// A TableChange is a change of one value.
type TableChange struct {
	Field string
	Was   []byte        // nil or empty: there was none
	Value []byte        // nil or empty: remove it
	Stays time.Duration // until the value is gone; at least a millisecond
}

// Read returns the values of fields, as they were at one instant, and this instant by Redis's
// clock. The value of one that is missing or has expired is empty. Errors: ErrTable,
// record.ErrUnavailable, the context's.
func (t Table) Read(ctx context.Context, fields ...string) (values [][]byte, at time.Time, err error) {
	if err := t.check(fields); err != nil {
		return nil, time.Time{}, err
	}
	keys := make([]string, len(fields))
	for i, field := range fields {
		keys[i] = t.key(field)
	}
	err = t.store.do(ctx, t.tag, func(ctx context.Context) (err error) {
		values, at, err = parseTable(t.store.scripts.tableRead.Exec(ctx, t.store.client, keys, nil))
		return err
	})
	if err == nil && len(values) != len(fields) {
		err = wrap(refusal, errValue)
	}
	return values, at, err
}

// Swap makes the changes, all or none. It returns false without an error if one of the values
// was not as Was says. What is changed is with Redis when it returns. Errors: ErrTable;
// record.ErrFull at maxmemory; record.ErrUnavailable, after which the changes may have been
// made, but are not made later; the context's.
func (t Table) Swap(ctx context.Context, changes ...TableChange) (done bool, err error) {
	return t.swap(ctx, rand.Text()[:8], changes)
}

// swap is Swap with the 8 bytes by which a call is known when it is sent again.
func (t Table) swap(ctx context.Context, call string, changes []TableChange) (done bool, err error) {
	fields, keys := make([]string, len(changes)), []string{t.store.ofTag(kindTable, t.tag) + t.name}
	args := []string{number(int64(t.most)), "", call}
	for i, c := range changes {
		fields[i] = c.Field
		keys = append(keys, t.key(c.Field))
		args = append(args, string(c.Was), string(c.Value), number(max(1, c.Stays.Milliseconds())))
		if len(c.Value) > MaxTableValue || c.Stays > MaxTableStay {
			return false, fmt.Errorf("%w: a value has %d bytes and stays for %v; up to %d and %v are allowed", ErrTable, len(c.Value), c.Stays, MaxTableValue, MaxTableStay)
		}
	}
	if err := t.check(fields); err != nil {
		return false, err
	}
	a, err := t.store.run(ctx, t.store.scripts.tableSwap, t.tag, keys, args...)
	return err == nil && a.outcome == outcomeDone, err
}

// Fields returns the names of all values, those that expire next first. It reads all names at
// once. Errors: record.ErrUnavailable, the context's.
func (t Table) Fields(ctx context.Context) (fields []string, err error) {
	s := t.store
	err = s.do(ctx, t.tag, func(ctx context.Context) error {
		names, err := s.client.Do(ctx, s.client.B().Zrange().Key(s.ofTag(kindTable, t.tag)+t.name).Min("0").Max("-1").Build()).AsStrSlice()
		fields = fields[:0]
		for _, name := range names {
			if field, ok := strings.CutPrefix(name, t.key("")); ok {
				fields = append(fields, field)
			}
		}
		return err
	})
	return fields, err
}

func (t Table) key(field string) string { return t.store.ofTag(kindCell, t.tag) + t.name + " " + field }

func (t Table) check(fields []string) error {
	if len(fields) == 0 || len(fields) > MaxTableFields {
		return fmt.Errorf("%w: a call has %d fields; 1 to %d are allowed", ErrTable, len(fields), MaxTableFields)
	}
	for _, field := range fields {
		if field == "" || len(field) > MaxTableField {
			return fmt.Errorf("%w: the name of a field has %d bytes; 1 to %d are allowed", ErrTable, len(field), MaxTableField)
		}
	}
	return nil
}

// parseTable reads the outcome, the instant and the list of values.
func parseTable(r rueidis.RedisResult) (values [][]byte, at time.Time, err error) {
	list, err := r.ToArray()
	if err != nil {
		return nil, at, err
	}
	if len(list) != 3 {
		return nil, at, errValue
	}
	now, err := list[1].AsInt64()
	if err != nil {
		return nil, at, err
	}
	texts, err := list[2].AsStrSlice()
	for _, text := range texts {
		values = append(values, []byte(text))
	}
	return values, time.UnixMilli(now), err
}
