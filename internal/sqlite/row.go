package sqlite

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf16"
)

// A Row has a value for each column of its table: nil, int64, float64, string
// or []byte. A column that was added after the row was written is nil.
type Row map[string]any

// Int returns a whole number; 0 if the column is not there or something else.
func (r Row) Int(column string) int64 {
	n, _ := r[column].(int64)
	return n
}

// Text returns a text; "" if the column is not there or something else.
func (r Row) Text(column string) string {
	s, _ := r[column].(string)
	return s
}

// Bool tells whether the column is a number other than 0, as SQLite's bools are.
func (r Row) Bool(column string) bool { return r.Int(column) != 0 }

// Each calls do with each row of a table, by row id. Errors: ErrNoTable,
// ErrFormat, the disk's, or do's.
func (f *File) Each(name string, do func(Row) error) error {
	t, ok := f.tables[name]
	if !ok {
		return fmt.Errorf("%w: %q", ErrNoTable, name)
	}
	return f.walk(t.root, func(rowid int64, record []byte) error {
		values, err := f.values(record)
		if err != nil {
			return err
		}
		row := make(Row, len(t.columns))
		for i, c := range t.columns {
			row[c] = nil
			if i < len(values) {
				row[c] = values[i]
			}
		}
		if t.key != "" && row[t.key] == nil {
			row[t.key] = rowid
		}
		return do(row)
	})
}

// values takes a record apart.
func (f *File) values(record []byte) ([]any, error) {
	cut := fmt.Errorf("%w: a record is cut short", ErrFormat)
	size, _, ok := varint(record)
	if !ok || size > uint64(len(record)) {
		return nil, cut
	}
	_, types, _ := varint(record[:size])
	body := record[size:]
	var values []any
	for len(types) > 0 {
		var kind uint64
		if kind, types, ok = varint(types); !ok {
			return nil, cut
		}
		n := width(kind)
		if n > uint64(len(body)) {
			return nil, cut
		}
		values = append(values, f.value(kind, body[:n]))
		body = body[n:]
	}
	return values, nil
}

// width is how many bytes a value of a kind takes.
func width(kind uint64) uint64 {
	switch {
	case kind >= 12:
		return (kind - 12) / 2
	case kind <= 4:
		return kind
	case kind == 5:
		return 6
	case kind == 6, kind == 7:
		return 8
	default:
		return 0
	}
}

func (f *File) value(kind uint64, b []byte) any {
	switch {
	case kind >= 12 && kind%2 == 0:
		return append([]byte{}, b...)
	case kind >= 13:
		return f.text(b)
	case kind == 7:
		return math.Float64frombits(binary.BigEndian.Uint64(b))
	case kind == 8, kind == 9:
		return int64(kind - 8)
	case kind >= 1 && kind <= 6:
		return integer(b)
	default:
		return nil
	}
}

// integer is signed, of any width, the most significant byte first.
func integer(b []byte) int64 {
	n := int64(int8(b[0]))
	for _, c := range b[1:] {
		n = n<<8 | int64(c)
	}
	return n
}

func (f *File) text(b []byte) string {
	var order binary.ByteOrder
	switch f.encoding {
	case 2:
		order = binary.LittleEndian
	case 3:
		order = binary.BigEndian
	default:
		return string(b)
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}
