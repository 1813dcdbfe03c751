package session

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"math/bits"
	"reflect"
	"time"

	fibersession "github.com/gofiber/fiber/v2/middleware/session"
)

// An encoder does for values that are all strings what Fiber's Save does: it
// gives the bytes that gob gives for their map, and finds the expiry. Save makes
// a gob encoder for each session, which looks up and describes the type of the map
// anew, and that was the dearest part of a creation.
//
// What it writes is gob's documented format; the type's description is
// whatever gob itself has just written. newEncoder holds the result against
// gob's and gives nil when they differ. With nil, and for values of other types,
// it is Save that stores the session.
type encoder struct {
	head   []byte // the message that describes the map's type
	begin  []byte // of the message with the map: its type's id, and a zero
	expiry int    // the field of a session that SetExpiry sets
}

// stringType is how gob says that what is in an interface is a string.
var stringType = []byte("\x06string\x0c")

// newEncoder learns from gob and from Fiber's session how they do it.
func newEncoder() *encoder {
	none, err := encodeGob(map[string]any{})
	if err != nil || len(none) < 4 || 1+int(none[0])+2 > len(none) {
		return nil
	}
	head := 1 + int(none[0])
	e := &encoder{head: none[:head], begin: none[head+1 : len(none)-1]}
	field, ok := reflect.TypeFor[fibersession.Session]().FieldByName("exp")
	if !ok || len(field.Index) != 1 || field.Type != reflect.TypeFor[time.Duration]() {
		return nil
	}
	e.expiry = field.Index[0]
	if !e.right() {
		return nil
	}
	return e
}

// right compares with gob and with Fiber. One value at a time: gob writes
// more in any order.
func (e *encoder) right() bool {
	var sess fibersession.Session
	if sess.SetExpiry(time.Hour + 1); e.expiryOf(&sess) != time.Hour+1 {
		return false
	}
	for _, n := range []int{0, 1, 127, 128, 255, 256, 70_000} {
		text := string(make([]byte, n))
		want, err := encodeGob(map[string]any{text: text})
		got, ok := e.encode(Values{{Name: text, Data: text}})
		if err != nil || !ok || !bytes.Equal(got, want) {
			return false
		}
	}
	return true
}

func encodeGob(data map[string]any) ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(&data)
	return b.Bytes(), err
}

// encode returns the gob of values, and false when one is not a string.
func (e *encoder) encode(values Values) ([]byte, bool) {
	if e == nil {
		return nil, false
	}
	var room [256]byte
	b := appendUint(append(room[:0], e.begin...), len(values))
	for i := range values {
		text, ok := values[i].Data.(string)
		if !ok {
			return nil, false
		}
		b = appendString(b, values[i].Name)
		b = append(b, stringType...)
		b = appendUint(b, 1+uintSize(len(text))+len(text)) // of the rest
		b = appendString(append(b, 0), text)
	}
	out := make([]byte, 0, len(e.head)+uintSize(len(b))+len(b))
	out = appendUint(append(out, e.head...), len(b))
	return append(out, b...), true
}

// expiryOf is the expiry that Save would hand on. Fiber tells nobody else, but
// reflection may look.
func (e *encoder) expiryOf(sess *fibersession.Session) time.Duration {
	exp := reflect.ValueOf(sess).Elem().Field(e.expiry).Int()
	return max(0, time.Duration(exp))
}

func appendString(b []byte, s string) []byte { return append(appendUint(b, len(s)), s...) }

// appendUint appends a length as gob does: one byte below 128, else the number
// of bytes, negated, and those bytes, the most significant first.
func appendUint(b []byte, n int) []byte {
	if n < 128 {
		return append(b, byte(n))
	}
	b = append(b, byte(1-uintSize(n)))
	var all [8]byte
	binary.BigEndian.PutUint64(all[:], uint64(n))
	return append(b, all[9-uintSize(n):]...)
}

// uintSize is the number of bytes that appendUint appends.
func uintSize(n int) int {
	if n < 128 {
		return 1
	}
	return 1 + (bits.Len64(uint64(n))+7)/8
}
