package redis

import (
	"crypto/rand"
	"encoding/binary"
	"time"
)

func random32() uint32 {
	var b [4]byte
	_, _ = rand.Read(b[:]) // it never fails
	return binary.BigEndian.Uint32(b[:])
}

// jitter returns a duration of less than most, which is at most two hours.
func jitter(most time.Duration) time.Duration {
	return time.Duration(random32()) * time.Microsecond % most
}
