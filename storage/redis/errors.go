package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/rueidis"

	"pagesession/storage/record"
)

// ErrClosed is returned after Close. It is also a record.ErrUnavailable.
var ErrClosed = fmt.Errorf("redis: closed: %w", record.ErrUnavailable)

// ErrTooLarge is returned when the subject is longer than record.MaxSubject or the value
// longer than MaxValueBytes. It is also a record.ErrFull.
var ErrTooLarge = fmt.Errorf("redis: session is too large: %w", record.ErrFull)

// MaxValueBytes is the maximum length of a session's value.
const MaxValueBytes = 1 << 20

var (
	errAway = fmt.Errorf("redis: it does not answer: %w", record.ErrUnavailable)
	errBusy = fmt.Errorf("redis: more than %d calls at once: %w", maxRunning, record.ErrUnavailable)
	errLate = fmt.Errorf("redis: the command came too late: %w", record.ErrUnavailable)
	// errForeign is the answer of another command (or a damaged value): it must never be
	// served.
	errForeign = fmt.Errorf("redis: the answer has the value of another session: %w", record.ErrUnavailable)
)

// A verdict says what an error of a command means.
type verdict uint8

const (
	fine    verdict = iota // Redis answered
	again                  // Redis is away or not ready; the same command may succeed soon
	moving                 // the slot is moving to another node; the same command may succeed soon
	away                   // Redis is away, and the time for the call has passed
	full                   // Redis is at maxmemory
	refusal                // Redis refuses this command
)

// notReady begins the errors of a server that starts, fails over, lost its replicas or
// refuses the connection.
var notReady = []string{
	"LOADING", "READONLY", "CLUSTERDOWN", "MASTERDOWN", "MISCONF", "NOREPLICAS", "MOVED", "ASK", "BUSY", "UNBLOCKED",
	"NOAUTH", "WRONGPASS", "ERR max number of clients",
}

func judge(err error) verdict {
	if err == nil || rueidis.IsRedisNil(err) {
		return fine
	}
	if answer, ok := rueidis.IsRedisErr(err); ok {
		return judgeAnswer(answer.Error())
	}
	if errors.Is(err, errValue) || errors.Is(err, errForeign) {
		return refusal
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return away
	}
	return again
}

func judgeAnswer(text string) verdict {
	if strings.HasPrefix(text, "OOM ") || strings.Contains(text, " OOM ") {
		return full
	}
	if strings.HasPrefix(text, "TRYAGAIN") {
		return moving
	}
	for _, begin := range notReady {
		if strings.HasPrefix(text, begin) || strings.HasPrefix(text, "-"+begin) {
			return again
		}
	}
	return refusal
}

// wrap returns the error of a call that did not succeed.
func wrap(v verdict, err error) error {
	if v == full {
		return fmt.Errorf("redis: it is at maxmemory: %w", record.ErrFull)
	}
	return fmt.Errorf("redis: %w: %w", record.ErrUnavailable, err)
}
