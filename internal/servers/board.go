package servers

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// A Board is where servers leave word for each other: a redis.Store, which documents what these
// methods promise.
type Board interface {
	Announce(ctx context.Context, m redis.Member) ([]redis.Member, error)
	Members(ctx context.Context) ([]redis.Member, error)
	Withdraw(ctx context.Context, id string) error
	Keep(ctx context.Context, name, value string, stays time.Duration) (kept string, err error)
	Kept(ctx context.Context, name string) (value string, err error)
	Drop(ctx context.Context, name, value string) (bool, error)
}

// The names of values on the board.
const (
	keyName   = "signing-key" // KeyDigest of the servers
	firstName = "first-run"   // the digest of the link that makes the first superuser
)

// retryEvery is the pause between two attempts to reach the board at the start.
const retryEvery = time.Second

// patiently does something that needs the board, again and again while that is away. It
// returns any other error, and the context's.
func patiently(ctx context.Context, log *slog.Logger, do func() error) error {
	for logged := false; ; {
		err := do()
		if !errors.Is(err, record.ErrUnavailable) {
			return err
		}
		if !logged {
			logged = true
			log.Warn("waiting for Redis, to learn of the other servers", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retryEvery):
		}
	}
}
