package file

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

func TestFrame_RoundTrip(t *testing.T) {
	life := entry.Life{Used: 1 << 41, Idle: 20_000, Absolute: 1 << 42}
	for version, r := range map[byte]*entry.Entry{
		frameVersion:   {Key: record.KeyOf("a"), Value: "value", Seq: 7, Created: 1, Life: life},
		subjectVersion: {Key: record.KeyOf("a"), Value: "value", Seq: 7, Created: 1, Life: life, Subject: "ada"},
		untilVersion:   {Key: record.KeyOf("a"), Value: "value", Seq: 7, Created: 1, Life: life, Until: 1 << 40},
	} {
		frame := encodeEntry(r, nil)
		if got, err := decoded(7, frame); err != nil || !reflect.DeepEqual(got, r) || frame[4] != version {
			t.Errorf("record of format %d = %+v, %v; want %+v, format %d", frame[4], got, err, r, version)
		}
	}
	m := clock.Mark{At: -5, Wall: 1 << 60, Boot: 12, BootID: "x"}
	all := []endedBefore{{9, entry.Tombstone{At: 5, Reason: record.Revoked}}, {12, entry.Tombstone{At: 6, Reason: record.Deleted}}}
	for _, want := range []seal{{digest: 99, txid: 7, fresh: true, backup: true, format: frameVersion}, {digest: 99, txid: 7, fresh: true, backup: true, format: untilVersion, ended: all},
		{digest: 99, txid: 7, format: moveVersion, ended: all, move: record.Move{Way: record.MovingTo, Place: "redis://127.0.0.1:6379"}},
	} {
		if got, sealed, err := decodeMark(encodeMark(nil, m, want)); err != nil || got != m || !reflect.DeepEqual(sealed, want) {
			t.Errorf("mark = %+v, %+v, %v; want %+v, %+v", got, sealed, err, m, want)
		}
	}
	touches := []entry.Touch{{Seq: 1, Used: 100}, {Seq: 3, Used: 1 << 41}, {Seq: 1 << 40, Used: 99}}
	var gotTouches []entry.Touch
	err := decodeTouches(encodeTouches(nil, touches), func(x entry.Touch) { gotTouches = append(gotTouches, x) })
	if err != nil || !reflect.DeepEqual(gotTouches, touches) {
		t.Errorf("touches = %v, %v; want %v", gotTouches, err, touches)
	}
	ends := []entry.End{{Key: record.KeyOf("a"), Tombstone: entry.Tombstone{At: 5, Reason: record.Idle}}, {Key: record.KeyOf("b"), Tombstone: entry.Tombstone{At: 1, Reason: record.Replaced}}}
	var gotEnds []entry.End
	err = decodeEnds(encodeEnds(nil, ends), func(x entry.End) { gotEnds = append(gotEnds, x) })
	if err != nil || !reflect.DeepEqual(gotEnds, ends) {
		t.Errorf("ends = %v, %v; want %v", gotEnds, err, ends)
	}
}

// A change of any bit is noticed.
func TestFrame_BitFlips(t *testing.T) {
	r := &entry.Entry{Key: record.KeyOf("a"), Value: "value", Life: entry.Life{Idle: 20_000}}
	whole := encodeEntry(r, nil)
	for bit := range len(whole) * 8 {
		b := bytes.Clone(whole)
		b[bit/8] ^= 1 << (bit % 8)
		if _, err := decoded(1, b); err == nil {
			t.Errorf("a frame with bit %d flipped is taken for whole", bit)
		}
	}
	for n := range whole {
		if _, err := decoded(1, whole[:n]); err == nil {
			t.Errorf("a frame cut to %d bytes is taken for whole", n)
		}
	}
}

func TestFrame_KindsAreNotMixedUp(t *testing.T) {
	if _, _, err := decodeMark(encodeTouches(nil, nil)); err == nil {
		t.Error("touches are taken for a mark")
	}
}

// FuzzFrame feeds every decoder with bytes whose checksum is right, so that it gets
// past the checksum.
func FuzzFrame(f *testing.F) {
	r := &entry.Entry{Key: record.KeyOf("a"), Value: "v", Life: entry.Life{Idle: 20_000}}
	f.Add(encodeEntry(r, nil)[4:])
	f.Add(encodeMark(nil, clock.Mark{At: 1, Wall: 2, Boot: 3, BootID: "id"}, seal{digest: 4, txid: 5, backup: true, format: moveVersion, ended: []endedBefore{{seq: 3}}, move: record.Move{Way: record.MovedTo, Place: "x"}})[4:])
	f.Add(encodeTouches(nil, []entry.Touch{{Seq: 1, Used: 2}, {Seq: 3, Used: 4}})[4:])
	f.Add(encodeEnds(nil, []entry.End{{Key: record.KeyOf("a"), Tombstone: entry.Tombstone{At: 1, Reason: record.Idle}}})[4:])
	f.Fuzz(func(t *testing.T, body []byte) {
		b := endFrame(append(make([]byte, 4), body...), 0)
		if r, err := decoded(1, b); err == nil {
			again, err := decoded(1, encodeEntry(r, nil))
			if err != nil || again.Value != r.Value || again.Deadline() != r.Deadline() {
				t.Errorf("record %+v does not survive a round trip: %v", r, err)
			}
		}
		_, _, _ = decodeMark(b)
		_ = decodeTouches(b, func(entry.Touch) {})
		_ = decodeEnds(b, func(entry.End) {})
	})
}

// A whole frame in the place of one of another kind is damage, whatever its version is. Only
// a version that no program of today writes is of a later one.
func TestFrame_OfAnotherKind(t *testing.T) {
	record := encodeEntry(&entry.Entry{Key: record.KeyOf("a"), Seq: 7, Until: 1 << 40}, nil)
	mark := encodeMark(nil, clock.Mark{}, seal{format: untilVersion})
	later := beginFrame(nil, kindMark)
	later[4] = moveVersion + 1
	for _, test := range []struct {
		what  string
		frame []byte
		kind  frameKind
		want  error
	}{
		{"a record of format 3 as ends", record, kindEnds, errFrame},
		{"a mark of format 3 as ends", mark, kindEnds, errFrame},
		{"a mark of format 3 as a record", mark, kindRecord, errFrame},
		{"a record as a mark", record, kindMark, errFrame},
		{"a mark of a later format", endFrame(later, 0), kindMark, ErrNewerFormat},
		{"a mark of a later format as ends", endFrame(later, 0), kindEnds, ErrNewerFormat},
	} {
		if _, err := openFrame(test.frame, test.kind); !errors.Is(err, test.want) {
			t.Errorf("%s = %v; want %v", test.what, err, test.want)
		}
	}
}

func decoded(seq uint64, b []byte) (*entry.Entry, error) {
	r := new(entry.Entry)
	return r, decodeRecord(r, seq, b)
}
