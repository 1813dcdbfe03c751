package app

import (
	"context"
	"errors"
	"log/slog"

	"pagesession/internal/account"
	"pagesession/internal/control"
	"pagesession/internal/health"
	"pagesession/session"
	"pagesession/storage"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// An operatorStore is where operators' sessions are: in console.db in the data folder, or in
// Redis, beside visitors' and apart from them. Its methods are safe for concurrent use.
type operatorStore interface {
	// policyStore returns the store of the policy.
	policyStore() session.Store
	// lister returns the sessions as the console sees them.
	lister() control.Lister
	// counts returns where failed sign-ins count over all servers; nil: each server counts
	// its own.
	counts() account.Shared
	// health returns the state in words; nothing if that of the visitors' sessions is
	// theirs, too.
	health() []health.File
	Close() error
}

// openOperators opens the operators' sessions. It returns a nil interface with an error.
func (a *app) openOperators() (operatorStore, error) {
	if a.cfg.Sessions.IsFile() {
		return a.openOperatorsFile()
	}
	return a.openOperatorsRedis()
}

// fileOperators are operators' sessions in the data folder.
type fileOperators struct{ *storage.Storage }

func (a *app) openOperatorsFile() (operatorStore, error) {
	store, err := a.openSessions(consoleFile, maxConsole, consoleIdle, consoleAbsolute)
	if err != nil {
		return nil, err
	}
	o := fileOperators{store}
	if err := o.endOlder(); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return o, nil
}

func (o fileOperators) policyStore() session.Store { return o.Sessions() }

func (o fileOperators) lister() control.Lister { return control.FileSessions{Storage: o.Storage} }

func (fileOperators) counts() account.Shared { return nil }

func (o fileOperators) health() []health.File {
	return []health.File{health.Of(o.FileStatus(), health.Operators)}
}

// endOlder ends operators' sessions of an older version, which have no subject and so would
// be missing in the list of a user's sessions. Those operators sign in again.
func (o fileOperators) endOlder() error {
	var older []record.Key
	query := record.Query{Limit: record.MaxLimit}
	for page := o.List(query); len(page.Rows) > 0; page = o.List(query) {
		for _, row := range page.Rows {
			if row.Subject == "" {
				older = append(older, row.Key)
			}
		}
		query.Offset += len(page.Rows)
	}
	_, err := o.EndMany(context.Background(), older, record.Revoked)
	if errors.Is(err, storage.ErrNotDurable) {
		return nil // they have ended; after a crash the next start ends them again
	}
	return err
}

const (
	// operatorsPrefix begins the keys of operators' sessions. It begins with that of
	// visitors' sessions, so a Redis user needs one pattern of keys for both.
	operatorsPrefix = "ps:op:"
	// knownOperators is how many operators' sessions a server remembers.
	knownOperators = 2_000
)

// redisOperators are operators' sessions in Redis, which several servers share.
type redisOperators struct{ *redis.Store }

// openOperatorsRedis connects to Redis, as openRedis does. What Redis loses is told by the
// visitors' store.
func (a *app) openOperatorsRedis() (operatorStore, error) {
	cfg, err := redisConfig(&a.cfg)
	if err != nil {
		return nil, err
	}
	cfg.Prefix, cfg.Known, cfg.Logger = operatorsPrefix, knownOperators, slog.New(slog.DiscardHandler)
	store, err := a.connect(cfg)
	if err != nil {
		return nil, withRedisCure(err)
	}
	return redisOperators{store}, nil
}

func (o redisOperators) policyStore() session.Store { return o.Store }

func (o redisOperators) lister() control.Lister { return control.ServerSessions{Store: o.Store} }

func (o redisOperators) counts() account.Shared {
	return signInCounts{o.Table("sign-ins", account.MostShared)}
}

func (redisOperators) health() []health.File { return nil }

// signInCounts are the failed sign-ins in Redis.
type signInCounts struct{ redis.Table }

// Swap implements account.Shared.
func (c signInCounts) Swap(ctx context.Context, changes ...account.SharedChange) (bool, error) {
	all := make([]redis.TableChange, len(changes))
	for i, change := range changes {
		all[i] = redis.TableChange(change)
	}
	return c.Table.Swap(ctx, all...)
}
