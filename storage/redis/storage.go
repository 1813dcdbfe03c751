package redis

import (
	"context"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// A Storage is a fiber.Storage of Fiber v2 and v3, for other middlewares, such as a limiter
// or a cache. Its keys are apart from the sessions. It does not keep the promises that
// sessions have: a key that was deleted can be set again. It is safe for concurrent use.
type Storage struct{ store *Store }

// Storage returns the storage. Close the Store, not the Storage.
func (s *Store) Storage() Storage { return Storage{s} }

// Get returns the value, or nil and no error when there is none. Errors:
// record.ErrUnavailable.
func (f Storage) Get(key string) ([]byte, error) { return f.GetWithContext(context.Background(), key) }

// GetWithContext is Get, which also returns the context's error.
func (f Storage) GetWithContext(ctx context.Context, key string) (value []byte, err error) {
	if key == "" {
		return nil, ctx.Err()
	}
	name, tag := f.name(key)
	err = f.store.do(ctx, tag, func(ctx context.Context) (err error) {
		value, err = f.store.client.Do(ctx, f.store.client.B().Get().Key(name).Build()).AsBytes()
		return err
	})
	return value, err
}

// name returns the name of a key. It has the key itself, so no two keys share a name.
func (f Storage) name(key string) (name string, tag int) {
	tag = tagOf(handleOf(key))
	return f.store.ofTag(kindValue, tag) + key, tag
}

// Set stores a value for the time exp, rounded up to milliseconds; 0 or less: forever. An
// empty key or value does nothing. Errors: record.ErrFull, record.ErrUnavailable; after
// the latter it may be stored.
func (f Storage) Set(key string, value []byte, exp time.Duration) error {
	return f.SetWithContext(context.Background(), key, value, exp)
}

// SetWithContext is Set, which also returns the context's error.
func (f Storage) SetWithContext(ctx context.Context, key string, value []byte, exp time.Duration) error {
	if key == "" || len(value) == 0 {
		return ctx.Err()
	}
	name, tag := f.name(key)
	return f.store.do(ctx, tag, func(ctx context.Context) error {
		set := f.store.client.B().Set().Key(name).Value(rueidis.BinaryString(value))
		if exp > 0 {
			return f.store.client.Do(ctx, set.PxMilliseconds(millis(exp)).Build()).Error()
		}
		return f.store.client.Do(ctx, set.Build()).Error()
	})
}

// Delete removes a key. A missing one is no error. Errors: record.ErrUnavailable.
func (f Storage) Delete(key string) error { return f.DeleteWithContext(context.Background(), key) }

// DeleteWithContext is Delete, which also returns the context's error.
func (f Storage) DeleteWithContext(ctx context.Context, key string) error {
	if key == "" {
		return ctx.Err()
	}
	name, tag := f.name(key)
	return f.store.do(ctx, tag, func(ctx context.Context) error {
		return f.store.client.Do(ctx, f.store.client.B().Del().Key(name).Build()).Error()
	})
}

// Reset removes all keys of the Storage, and no session. It goes through all keys of the
// database by SCAN, a thousand at a time. Errors: record.ErrUnavailable.
func (f Storage) Reset() error { return f.ResetWithContext(context.Background()) }

// ResetWithContext is Reset, which also returns the context's error.
func (f Storage) ResetWithContext(ctx context.Context) error {
	for _, node := range f.store.client.Nodes() {
		if err := f.resetNode(ctx, node); err != nil {
			if gone := ctx.Err(); gone != nil {
				return gone
			}
			return wrap(judge(err), err)
		}
	}
	return nil
}

// resetNode removes the keys that one node has. They are removed through the Store's
// client, which knows the master of a replica.
func (f Storage) resetNode(ctx context.Context, node rueidis.Client) error {
	pattern := escape(f.store.cfg.Prefix) + "{??}" + string(rune(kindValue)) + "*"
	for cursor := uint64(0); ; {
		page, err := node.Do(ctx, node.B().Scan().Cursor(cursor).Match(pattern).Count(1000).Build()).AsScanEntry()
		if err != nil {
			return err
		}
		for _, name := range page.Elements {
			if err := f.store.client.Do(ctx, f.store.client.B().Unlink().Key(name).Build()).Error(); err != nil {
				return err
			}
		}
		if cursor = page.Cursor; cursor == 0 {
			return nil
		}
	}
}

// escape returns a text as a pattern that matches only the text.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`, "^", `\^`).Replace(text)
}

// Close does nothing: the Store has the connections.
func (f Storage) Close() error { return nil }
