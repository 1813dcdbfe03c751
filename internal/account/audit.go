package account

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// retention is how many entries the audit log keeps.
type retention struct {
	entries, failures uint64
}

// savedEntry is an Entry in the file. It follows 8 bytes with its time, so a search by
// time can skip entries without decoding them.
type savedEntry struct {
	Actor
	Event
}

// longestText is the length to which texts of an entry are cut, in bytes.
const longestText = 300

// cutText returns text cut to longestText, as valid UTF-8.
func cutText(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), longestText)], "")
}

// bounded returns the entry with its texts cut, so a million entries fit.
func (e Entry) bounded() Entry {
	e.Actor.Name, e.Actor.Address = cutText(e.Actor.Name), cutText(e.Actor.Address)
	e.ObjectID, e.Object = cutText(e.ObjectID), cutText(e.Object)
	return e
}

func (e Entry) encode() ([]byte, error) {
	b := binary.BigEndian.AppendUint64(nil, uint64(e.At.UnixMilli()))
	text, err := json.Marshal(savedEntry{e.Actor, e.Event})
	return append(b, text...), err
}

func decodeEntry(seq uint64, b []byte) (Entry, error) {
	var v savedEntry
	if len(b) < 8 {
		return Entry{}, fmt.Errorf("audit entry %d is too short", seq)
	}
	if err := json.Unmarshal(b[8:], &v); err != nil {
		return Entry{}, fmt.Errorf("audit entry %d: %w", seq, err)
	}
	return Entry{Seq: seq, At: timeOf(b), Actor: v.Actor, Event: v.Event}, nil
}

func timeOf(b []byte) time.Time { return time.UnixMilli(int64(number(b[:8]))).UTC() }

// Audit appends entries for actions that the caller has done. They are durable when it
// returns nil; on an error none is appended. Errors: ErrActor, ErrFull, ErrUnavailable,
// ErrClosed.
func (s *Store) Audit(_ context.Context, actor Actor, events ...Event) error {
	if !actor.complete() {
		return ErrActor
	}
	return s.log(actor, events...)
}

// log appends entries also if the actor has lost their permissions in the meantime.
func (s *Store) log(actor Actor, events ...Event) error {
	return s.change(trusted, "", func(c *change) error {
		c.actor = actor
		for _, e := range events {
			if err := c.audit(e); err != nil {
				return err
			}
		}
		return nil
	})
}

// audit appends an entry to the transaction, and removes the oldest one beyond retention.
func (c *change) audit(done Event) error {
	c.wrote = true
	entries := c.tx.Bucket(entriesBucket)
	seq, err := entries.NextSequence()
	if err != nil {
		return err
	}
	e := Entry{Seq: seq, At: c.at, Actor: c.actor, Event: done}.bounded()
	b, err := e.encode()
	if err != nil {
		return err
	}
	if err := entries.Put(key(seq), b); err != nil {
		return err
	}
	for _, k := range indexKeys(e) {
		if err := c.tx.Bucket(indexBucket).Put(k, nil); err != nil {
			return err
		}
	}
	return c.trim(e)
}
