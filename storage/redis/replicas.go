package redis

import (
	"context"
	"errors"

	"github.com/redis/rueidis"

	"pagesession/storage/record"
)

func isNotDurable(err error) bool { return errors.Is(err, record.ErrNotDurable) }

// replicated returns when Config.Replicas replicas have the end of a session, or
// record.ErrNotDurable.
//
// WAIT counts the replicas that have what its own connection wrote. So on a connection of
// its own the tombstone is written once more, as it is.
func (s *Store) replicated(ctx context.Context, h record.Handle) error {
	if s.cfg.Replicas == 0 {
		return nil
	}
	name := s.name(kindTomb, h)
	var have int64
	err := s.do(ctx, tagOf(h), func(ctx context.Context) error {
		return s.client.Dedicated(func(c rueidis.DedicatedClient) (err error) {
			answers := c.DoMulti(ctx,
				c.B().Pexpire().Key(name).Milliseconds(remembered).Build(),
				c.B().Wait().Numreplicas(int64(s.cfg.Replicas)).Timeout(max(1, s.cfg.CommandTimeout.Milliseconds()/2)).Build())
			if err = answers[0].Error(); err != nil {
				return err
			}
			have, err = answers[1].AsInt64()
			return err
		})
	})
	if err != nil || have < int64(s.cfg.Replicas) {
		return record.ErrNotDurable
	}
	return nil
}
