package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
)

// needed are the commands that a Store needs, except CLUSTER, WAIT, and INFO, which Open
// sends first. K stands for a key that nothing else uses. EVALSHA finds no script, which is fine.
const needed = `PING
TIME
EVAL return 1 K
EVALSHA 0000000000000000000000000000000000000000 1 K
SET K 1 PX 9999
SETRANGE K 0 2
PERSIST K
PEXPIRE K 9999
PEXPIREAT K 32503680000000
PTTL K
GET K
GETEX K
EXISTS K
DEL K
ZADD K 1 1
ZSCORE K 1
ZCARD K
ZRANGE K 0 1
ZREM K 1`

// permitted returns ErrAccess if the user may not run a command that the Store needs, or not
// on its keys. Otherwise the server would start, and answer each visit with 503. Other
// errors, such as that Redis is full, are not about the user.
func (s *Store) permitted(ctx context.Context) error {
	name := s.ofTag(kindBeat, 0) + rand.Text()
	for line := range strings.Lines(needed) {
		words := strings.Fields(line)
		command := s.client.B().Arbitrary(words[0])
		for _, word := range words[1:] {
			if word == "K" {
				command = command.Keys(name)
			} else {
				command = command.Args(word)
			}
		}
		err := s.client.Do(ctx, command.Build()).Error()
		if err != nil && errors.Is(reason(err), ErrAccess) {
			return fmt.Errorf("ask Redis at %s for %s: %w", strings.Join(s.cfg.Addresses, ", "), words[0], connectError(err))
		}
	}
	return nil
}
