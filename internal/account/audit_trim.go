package account

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// The index finds entries by action, kind, actor and object. A key is one of these prefixes
// followed by the entry's Seq. No prefix begins with another one.
func byAction(a Action) []byte { return append([]byte("x"+string(a)), 0) }
func byKind(k Kind) []byte     { return append([]byte("k"+string(k)), 0) }
func byActor(id uint64) []byte { return append([]byte("a"), key(id)...) }
func byObject(k Kind, id string) []byte {
	return append([]byte("o"+string(k)+"\x00"+id), 0)
}

func indexKeys(e Entry) [][]byte {
	prefixes := [][]byte{byAction(e.Action), byKind(e.Kind), byActor(e.Actor.UserID), byObject(e.Kind, e.ObjectID)}
	for i, p := range prefixes {
		prefixes[i] = binary.BigEndian.AppendUint64(p, e.Seq)
	}
	return prefixes
}

// failures are the actions whose entries an attacker can cause.
var failures = [...]Action{ActionSignInFailed, ActionThrottled}

// trim deletes the entries that e pushes out: the oldest failure of the same action, or
// the entry that is maxEntries older.
func (c *change) trim(e Entry) error {
	if slices.Contains(failures[:], e.Action) {
		if err := c.countFailure(e.Action); err != nil {
			return err
		}
	}
	k, v := c.tx.Bucket(entriesBucket).Cursor().First()
	if oldest := number(k); v != nil && oldest+c.keep.entries <= e.Seq {
		return c.forget(oldest)
	}
	return nil
}

func (c *change) countFailure(a Action) error {
	n := c.count(a) + 1
	if n <= c.keep.failures {
		return c.setCount(a, n)
	}
	if err := c.setCount(a, n); err != nil {
		return err
	}
	prefix := byAction(a)
	k, _ := c.tx.Bucket(indexBucket).Cursor().Seek(prefix)
	if !bytes.HasPrefix(k, prefix) {
		return nil
	}
	return c.forget(number(k[len(prefix):]))
}

// forget deletes an entry and its keys in the index.
func (c *change) forget(seq uint64) error {
	entries := c.tx.Bucket(entriesBucket)
	e, err := decodeEntry(seq, entries.Get(key(seq)))
	if err != nil {
		return entries.Delete(key(seq)) // damaged, so its index keys are unknown
	}
	for _, k := range indexKeys(e) {
		if err := c.tx.Bucket(indexBucket).Delete(k); err != nil {
			return err
		}
	}
	if slices.Contains(failures[:], e.Action) {
		if err := c.setCount(e.Action, c.count(e.Action)-1); err != nil {
			return err
		}
	}
	return entries.Delete(key(seq))
}

// count returns the number of entries of an action.
func (c *change) count(a Action) uint64 {
	if v := c.tx.Bucket(metaBucket).Get([]byte("count:" + string(a))); len(v) == 8 {
		return number(v)
	}
	return 0
}

func (c *change) setCount(a Action, n uint64) error {
	return c.tx.Bucket(metaBucket).Put([]byte("count:"+string(a)), key(n))
}
