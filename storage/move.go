package storage

import (
	"context"
	"fmt"
	"time"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/file"
	"pagesession/storage/internal/index"
	"pagesession/storage/record"
)

// The methods in this file are for moving sessions from one store to another while both are
// open: Handles and Find of the one, Adopt of the other, Disown of the one. Between Find and
// Disown the caller keeps all other calls from these sessions.

// Handles calls found with the handles of the live sessions, a part at a time, in no order.
// Sessions that are created or ended meanwhile may be missing, or be there. It returns the
// first error of found, or of the context.
func (s *Storage) Handles(ctx context.Context, found func([]record.Handle) error) error {
	for i := range index.Shards {
		if err := ctx.Err(); err != nil {
			return err
		}
		var list []record.Handle
		s.index.Read(i, func(sh *index.Shard) {
			slots, now := sh.Slots(), s.line.Now()
			for j := range slots {
				if slots[j].Body != nil && !slots[j].Expired(now) {
					list = append(list, slots[j].Handle)
				}
			}
		})
		if len(list) == 0 {
			continue
		}
		if err := found(list); err != nil {
			return err
		}
	}
	return nil
}

// Adopt takes over sessions as they are in another store: key, value, subject, age, last use
// and both timeouts, as the rows say that they are at the call. What is live under such a key
// is replaced. Each session gets an error of its own, in the order of the rows; nil: it is
// durable and visible. Errors: ErrEnded when the key's session was ended here, by anything
// but a timeout; those of Create.
func (s *Storage) Adopt(ctx context.Context, rows []record.Row) []error {
	now, changes, errs := s.line.Now(), make([]*change, len(rows)), make([]error, len(rows))
	for i := range rows {
		if changes[i], errs[i] = s.adoption(&rows[i], now); errs[i] == nil {
			errs[i] = s.enqueue(changes[i])
		}
	}
	for i, c := range changes {
		if errs[i] == nil {
			errs[i] = s.await(ctx, c, s.cfg.QueueTimeout)
		}
	}
	return errs
}

// adoption returns the change that takes a session over.
func (s *Storage) adoption(row *record.Row, now int64) (*change, error) {
	switch {
	case len(row.Subject) > record.MaxSubject:
		return nil, fmt.Errorf("%w: the subject has %d bytes, at most %d are allowed", ErrTooLarge, len(row.Subject), record.MaxSubject)
	case len(row.Value) > s.cfg.MaxValueBytes:
		return nil, fmt.Errorf("%w: the value has %d bytes, at most %d are allowed (MaxValueBytes)", ErrTooLarge, len(row.Value), s.cfg.MaxValueBytes)
	}
	e := &entry.Entry{
		Key: row.Key, Subject: row.Subject, Value: row.Value, Created: now - row.Age.Milliseconds(),
		Life: entry.Life{Used: now - row.Unused.Milliseconds(), Idle: entry.WholeMillis(row.IdleTimeout)},
	}
	if row.AbsoluteRemaining > 0 {
		e.Absolute = now + row.AbsoluteRemaining.Milliseconds()
	}
	return &change{kind: adopt, key: row.Key, value: e.Value, session: e}, nil
}

// longEnough is how long Disown waits for a disk that has begun to work on it.
const longEnough = 24 * time.Hour

// Disown removes sessions that another store has taken over: they have not ended, and leave
// no tombstone. Each gets an error of its own, in the order of the keys; nil: there is no
// live session under the key, durably. After an error the session is here as before. Once
// the disk has begun, Disown waits for it however long it takes, because the outcome is
// unknown until then. Errors: ErrFull, ErrUnavailable, ErrClosed, the context's.
func (s *Storage) Disown(ctx context.Context, keys []record.Key) []error {
	changes, errs := make([]*change, len(keys)), make([]error, len(keys))
	for i := range keys {
		changes[i] = &change{kind: disown, key: keys[i]}
		if errs[i] = ctx.Err(); errs[i] == nil {
			errs[i] = s.enqueue(changes[i])
		}
	}
	for i, c := range changes {
		if errs[i] == nil {
			errs[i] = s.await(context.WithoutCancel(ctx), c, longEnough)
		}
	}
	return errs
}

// SetMark notes in the file what becomes of its sessions: that they are moving to another
// store or from one, or have moved. When it returns nil that is durable: Open returns
// record.ErrMoved unless Config.Moving is set. The zero Move takes the note away. A version
// of this package that does not know the note refuses the file. Errors: ErrFull,
// ErrUnavailable, ErrClosed, the context's.
func (s *Storage) SetMark(ctx context.Context, m record.Move) error {
	return s.submit(ctx, &change{kind: note, move: m})
}

// Mark returns what SetMark has noted, also before Open.
func (s *Storage) Mark() record.Move {
	if m := s.writer.move.Load(); m != nil {
		return *m
	}
	return record.Move{}
}

// ReadMark returns the Mark of a session file that is not open; the zero Move if the file
// does not exist. Errors: ErrInUse, ErrNewerFormat, ErrForeign, or the disk's.
func ReadMark(ctx context.Context, cfg Config) (record.Move, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return record.Move{}, err
	}
	m, err := file.ReadMove(ctx, cfg.Database, cfg.Bucket, cfg.Timeout)
	if err != nil {
		return m, fmt.Errorf("storage: %w", err)
	}
	return m, nil
}

// adopt stores a session under a key that is unused, live, or has timed out.
func (b *batch) adopt(c *change) error {
	old, status := b.current(c.key)
	if status == record.Ended && !b.timedOut(c.key) {
		c.err = ErrEnded
		return nil
	}
	sessions, bytes := 1, len(c.value)
	if status == record.Live {
		sessions, bytes = 0, len(c.value)-len(old.Value)
	}
	if c.err = b.grow(sessions, bytes, len(c.value)); c.err != nil {
		return nil
	}
	next := *c.session
	return b.store(c, &next, old.Seq)
}

// timedOut reports whether a key's last session here timed out. A session that is taken over
// has been extended elsewhere since then.
func (b *batch) timedOut(k record.Key) bool {
	if _, changed := b.state[k]; changed {
		return false
	}
	how := b.w.index.HowEnded(&k)
	return how == nil || how.Reason == record.Idle || how.Reason == record.Absolute
}

// disown deletes a session without an end.
func (b *batch) disown(c *change) error {
	old, status := b.current(c.key)
	if status != record.Live {
		return nil
	}
	c.ok, b.state[c.key] = true, nil
	b.count--
	b.bytes -= int64(len(old.Value))
	return b.tx.DeleteEntry(old.Seq)
}
