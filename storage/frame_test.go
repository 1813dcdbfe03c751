package storage

import (
	"bytes"
	"reflect"
	"testing"

	"pagesession/storage/record"
)

func TestFrame_RoundTrip(t *testing.T) {
	r := &entry{key: record.KeyOf("a"), value: []byte("value"), seq: 7, created: 1, life: life{1 << 41, 20_000, 1 << 42}}
	got, err := decodeRecord(7, r.encode(nil))
	if err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("record = %+v, %v; want %+v", got, err, r)
	}
	m := mark{at: -5, wall: 1 << 60, boot: 12, bootID: "x"}
	if got, sum, err := decodeMark(encodeMark(nil, m, seal{99, 7, true, true})); err != nil || got != m || sum != (seal{99, 7, true, true}) {
		t.Errorf("mark = %+v, %v, %v; want %+v, 99", got, sum, err, m)
	}
	touches := []touch{{1, 100}, {3, 1 << 41}, {1 << 40, 99}}
	var gotTouches []touch
	err = decodeTouches(encodeTouches(nil, touches), func(x touch) { gotTouches = append(gotTouches, x) })
	if err != nil || !reflect.DeepEqual(gotTouches, touches) {
		t.Errorf("touches = %v, %v; want %v", gotTouches, err, touches)
	}
	ends := []end{{record.KeyOf("a"), tombstone{5, record.Idle}}, {record.KeyOf("b"), tombstone{1, record.Replaced}}}
	var gotEnds []end
	err = decodeEnds(encodeEnds(nil, ends), func(x end) { gotEnds = append(gotEnds, x) })
	if err != nil || !reflect.DeepEqual(gotEnds, ends) {
		t.Errorf("ends = %v, %v; want %v", gotEnds, err, ends)
	}
}

// Any change of any bit is noticed.
func TestFrame_BitFlips(t *testing.T) {
	r := &entry{key: record.KeyOf("a"), value: []byte("value"), life: life{idle: 20_000}}
	whole := r.encode(nil)
	for bit := range len(whole) * 8 {
		b := bytes.Clone(whole)
		b[bit/8] ^= 1 << (bit % 8)
		if _, err := decodeRecord(1, b); err == nil {
			t.Errorf("a frame with bit %d flipped is taken for whole", bit)
		}
	}
	for n := range whole {
		if _, err := decodeRecord(1, whole[:n]); err == nil {
			t.Errorf("a frame cut to %d bytes is taken for whole", n)
		}
	}
}

func TestFrame_KindsAreNotMixedUp(t *testing.T) {
	if _, _, err := decodeMark(encodeTouches(nil, nil)); err == nil {
		t.Error("touches are taken for a mark")
	}
}

// FuzzFrame feeds every decoder with bytes whose checksum is right, so that
// what lies behind it is reached.
func FuzzFrame(f *testing.F) {
	r := &entry{key: record.KeyOf("a"), value: []byte("v"), life: life{idle: 20_000}}
	f.Add(r.encode(nil)[4:])
	f.Add(encodeMark(nil, mark{1, 2, 3, "id"}, seal{4, 5, false, true})[4:])
	f.Add(encodeTouches(nil, []touch{{1, 2}, {3, 4}})[4:])
	f.Add(encodeEnds(nil, []end{{record.KeyOf("a"), tombstone{1, record.Idle}}})[4:])
	f.Fuzz(func(t *testing.T, body []byte) {
		b := endFrame(append(make([]byte, 4), body...), 0)
		if r, err := decodeRecord(1, b); err == nil {
			again, err := decodeRecord(1, r.encode(nil))
			if err != nil || !bytes.Equal(again.value, r.value) || again.deadline() != r.deadline() {
				t.Errorf("record %+v does not survive a round trip: %v", r, err)
			}
		}
		_, _, _ = decodeMark(b)
		_ = decodeTouches(b, func(touch) {})
		_ = decodeEnds(b, func(end) {})
	})
}
