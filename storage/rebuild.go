package storage

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"time"

	driver "github.com/gofiber/storage/bbolt/v2"
	"go.etcd.io/bbolt"

	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// restored returns what may live on, in file order, and the ends that are worth
// keeping.
func (s *Storage) restored(l *loaded) ([]*entry.Entry, []entry.End) {
	now := s.line.Now()
	var live []*entry.Entry
	ends := slices.DeleteFunc(l.ends, func(e entry.End) bool { return now-e.At >= endedKeep.Milliseconds() })
	told := newestOf(ends)
	for _, r := range l.records {
		switch {
		case r.Expired(now) && mayHaveEnded(r, told[r.Key]):
			// Swept, and its record was still to be deleted. What was told of it
			// stands: touches of it may be gone already.
		case r.Expired(now):
			s.dropped++
			if now-r.Deadline() < endedKeep.Milliseconds() {
				ends = append(ends, entry.End{Key: r.Key, Tombstone: entry.Tombstone{At: r.Deadline(), Reason: r.Why()}})
			}
		case l.seal.backup && !s.cfg.AcceptBackup:
			ends = append(ends, entry.End{Key: r.Key, Tombstone: entry.Tombstone{At: now, Reason: record.Revoked}})
		case s.cfg.Reset:
			ends = append(ends, entry.End{Key: r.Key, Tombstone: entry.Tombstone{At: now, Reason: record.Deleted}})
		default:
			live = append(live, r)
		}
	}
	if !s.cfg.Reset {
		live = append(live, s.takenOver(l, now)...)
	}
	if over := len(ends) - s.cfg.MaxEnded; over > 0 {
		slices.SortStableFunc(ends, func(a, b entry.End) int { return cmp.Compare(a.At, b.At) })
		ends = ends[over:]
	}
	return live, ends
}

// mayHaveEnded tells an end of the record's own from that of a rotation that was
// taken back, or of a session that had the key before: one that is later than its
// last use. A session without an idle timeout does not note its uses; it has only
// its absolute timeout to end by.
func mayHaveEnded(r *entry.Entry, at int64) bool {
	return at > r.Used && (r.Idle > 0 || at >= r.Absolute)
}

// newestOf is when each key ended last; 0 is never, for session time begins with
// the wall clock.
func newestOf(ends []entry.End) map[record.Key]int64 {
	newest := make(map[record.Key]int64, len(ends))
	for _, e := range ends {
		newest[e.Key] = max(newest[e.Key], e.At)
	}
	return newest
}

// takenOver gives values of the stock driver the default lifetime, from now on,
// unless their key is in use here as well.
func (s *Storage) takenOver(l *loaded, now int64) []*entry.Entry {
	if len(l.raw) == 0 {
		return nil
	}
	used := make(map[record.Key]bool)
	for _, r := range l.records {
		used[r.Key] = true
	}
	for _, e := range l.ends {
		used[e.Key] = true
	}
	var records []*entry.Entry
	for _, v := range l.raw {
		if !used[v.key] {
			records = append(records, s.newcomer(v, now))
		}
	}
	return records
}

func (s *Storage) newcomer(v rawValue, now int64) *entry.Entry {
	r := &entry.Entry{Key: v.key, Value: v.value, Created: now, Life: entry.Life{Used: now, Idle: entry.WholeMillis(s.cfg.Takeover.Idle)}}
	if abs := entry.WholeMillis(s.cfg.Takeover.Absolute); abs > 0 {
		r.Absolute = now + abs
	}
	return r
}

// rebuildStep bounds the transactions of a rebuild.
const rebuildStep = 50_000

// build writes a fresh, compact file at path: what the index starts with. It
// is complete and durable when build returns. Until the last Sync nothing is
// fsynced, for until it is renamed nobody looks at the file.
func (s *Storage) build(path string, live []*entry.Entry, ends []entry.End) (err error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true, Timeout: s.cfg.Timeout})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := s.fill(db, live, ends); err != nil {
		return err
	}
	return db.Sync()
}

func (s *Storage) fill(db *bbolt.DB, live []*entry.Entry, ends []entry.End) error {
	for first := true; first || len(live) > 0; first = false {
		n := min(len(live), rebuildStep)
		err := db.Update(func(tx *bbolt.Tx) error { return s.fillStep(tx, live[:n]) })
		if err != nil {
			return err
		}
		live = live[n:]
	}
	return db.Update(func(tx *bbolt.Tx) error { return s.fillLast(tx, ends) })
}

func (s *Storage) fillStep(tx *bbolt.Tx, live []*entry.Entry) error {
	root, err := tx.CreateBucketIfNotExists([]byte(s.cfg.Bucket))
	if err != nil {
		return err
	}
	for _, name := range buckets() {
		if _, err := root.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	records := root.Bucket(recordsBucket)
	records.FillPercent = 1
	var buf []byte
	for _, r := range live {
		r.Seq = s.writer.nextSeq()
		start := len(buf)
		buf = encodeEntry(r, buf)
		key := seqKey(r.Seq)
		s.writer.digest = s.writer.digest.add(key, buf[start:])
		if err := records.Put(key, buf[start:]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Storage) fillLast(tx *bbolt.Tx, ends []entry.End) error {
	root := tx.Bucket([]byte(s.cfg.Bucket))
	if len(ends) > 0 {
		no, frame := s.writer.nextSeq(), encodeEnds(nil, ends)
		s.writer.digest = s.writer.digest.add(seqKey(no), frame)
		if err := root.Bucket(endsBucket).Put(seqKey(no), frame); err != nil {
			return err
		}
		s.writer.graves = []grave{{no, s.line.Now(), len(ends)}}
	}
	return root.Bucket(metaBucket).Put(markKey, encodeMark(nil, s.line.Mark(), seal{digest: s.writer.digest, txid: uint64(tx.ID()), fresh: true}))
}

// connect opens a file through the stock driver, which owns it from then on.
// The driver panics where others return an error.
func connect(path string, cfg Config) (st *driver.Storage, err error) {
	defer func() {
		if p := recover(); p != nil {
			st, err = nil, fmt.Errorf("open session file %q: %v", path, p)
		}
	}()
	st = driver.New(driver.Config{Database: path, Bucket: cfg.Bucket, Timeout: cfg.Timeout})
	st.Conn().MaxSize = int(min(cfg.MaxFileBytes, math.MaxInt))
	return st, nil
}

// moveAside gives the old file a second name, which says when and why. It never
// overwrites a file. The stock driver keeps ids in clear, so only the owner may
// read what is kept.
func moveAside(path, suffix string, now time.Time) (string, error) {
	_ = os.Chmod(path, 0o600) // fails on a file of another user, who has to do it
	base := path + suffix + now.UTC().Format("20060102T150405Z")
	name := base
	for i := 2; ; i++ {
		if _, err := os.Lstat(name); errors.Is(err, os.ErrNotExist) {
			break
		}
		name = base + "-" + strconv.Itoa(i)
	}
	// A link keeps the file under its own name until the new one replaces
	// it, so a crash in between finds it again.
	if os.Link(path, name) == nil {
		return name, nil
	}
	return name, os.Rename(path, name)
}
