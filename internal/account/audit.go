package account

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// retention is how much of the audit log is kept.
type retention struct {
	entries, failures uint64
}

// savedEntry is an Entry in the file, behind 8 bytes of its time, by which
// entries are skipped without being read.
type savedEntry struct {
	Actor
	Event
}

// longestText bounds what others put into an entry, in bytes.
const longestText = 300

// cutText is text as it is kept: short enough, and valid.
func cutText(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), longestText)], "")
}

// bounded is an entry that can be kept a million times.
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
		return Entry{}, fmt.Errorf("entry %d is cut short", seq)
	}
	if err := json.Unmarshal(b[8:], &v); err != nil {
		return Entry{}, fmt.Errorf("entry %d: %w", seq, err)
	}
	return Entry{Seq: seq, At: timeOf(b), Actor: v.Actor, Event: v.Event}, nil
}

func timeOf(b []byte) time.Time { return time.UnixMilli(int64(number(b[:8]))).UTC() }

// Audit appends entries for what the caller did, durably and all of them or none.
// Errors: ErrActor, ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) Audit(actor Actor, events ...Event) error {
	if !actor.complete() {
		return ErrActor
	}
	return s.log(actor, events...)
}

// log appends entries whatever permissions the actor has by now.
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

// audit appends an entry to the transaction, and removes the oldest one too many.
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
