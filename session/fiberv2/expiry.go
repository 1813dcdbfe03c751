package fiberv2

import (
	"bytes"
	"encoding/gob"
	"reflect"
	"time"

	fibersession "github.com/gofiber/fiber/v2/middleware/session"
)

// expiryField returns the index of the field that SetExpiry sets, because Fiber has
// no method that returns it. -1: this version of Fiber has no such field.
func expiryField() int {
	field, ok := reflect.TypeFor[fibersession.Session]().FieldByName("exp")
	if !ok || len(field.Index) != 1 || field.Type != reflect.TypeFor[time.Duration]() {
		return -1
	}
	return field.Index[0]
}

// expiryOf returns the expiry that a change left. Without that field in Fiber it
// comes from a Save that stores nothing.
func (s *Sessions) expiryOf(sess *fibersession.Session, u *draftStorage) time.Duration {
	if s.expiry < 0 {
		_ = sess.Save() // it fails after it has given u the expiry
		return u.expiry
	}
	return max(0, time.Duration(reflect.ValueOf(sess).Elem().Field(s.expiry).Int()))
}

// emptyGob returns what Fiber stores for a session without values.
func emptyGob() []byte {
	var b bytes.Buffer
	_ = gob.NewEncoder(&b).Encode(map[string]any{}) // an empty map cannot fail
	return b.Bytes()
}
