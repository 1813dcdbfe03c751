package redis

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"pagesession/storage/record"
)

// ErrNoIndex is returned by calls that need the index when Config.NoIndex is set.
var ErrNoIndex = errors.New("redis: there is no index of the sessions; open the store without NoIndex")

// MaxLooked is at how many sessions one List looks. A search that needs more goes on from
// Page.Next.
const MaxLooked = 5000

// A Query asks for a page of live sessions by creation, which is the only order that the
// index has. The zero Query asks for the 50 oldest.
type Query struct {
	// Prefix keeps sessions whose handle begins with it, in hex, in upper or lower case.
	// "": all. A text that is not hex keeps none.
	Prefix string
	// EndsWithin keeps sessions with at most this time left. 0: all.
	EndsWithin time.Duration
	// Match keeps sessions by their value; nil: all.
	Match func(value []byte) bool

	Descending bool     // the newest first
	Limit      int      // rows wanted; 0 or less means 50, at most record.MaxLimit
	From       Position // where the page begins; the zero Position: at the first session
}

// A Position is a place between two sessions in the order of a Query. The zero Position is
// before all.
type Position struct {
	Created int64         // of the session before it, in Unix milliseconds by Redis's clock
	Handle  record.Handle // of the session before it
}

// A Page is the answer to a Query. Sessions that are created, used or ended meanwhile
// appear as they were before or after.
type Page struct {
	Rows   []record.Row
	Total  int       // entries of the index: all live sessions, and those that timed out in the last minutes
	At     time.Time // the instant, by Redis's clock
	Looked int       // sessions that were looked at
	More   bool      // there may be rows after Next
	Next   Position  // where the next page begins
}

// List returns a page. It reads the index of each tag, 1,024 short commands, and then the
// sessions at which it looks, at most MaxLooked. It extends nothing. Errors: ErrNoIndex,
// record.ErrUnavailable, the context's.
func (s *Store) List(ctx context.Context, q Query) (Page, error) {
	if s.cfg.NoIndex {
		return Page{}, ErrNoIndex
	}
	if q.Limit = min(q.Limit, record.MaxLimit); q.Limit <= 0 {
		q.Limit = 50
	}
	p := Page{At: time.UnixMilli(s.clock.now()), Next: q.From}
	var err error
	if p.Total, err = s.total(ctx); err != nil {
		return Page{}, err
	}
	if _, err := hex.DecodeString(q.Prefix + strings.Repeat("0", len(q.Prefix)%2)); err != nil {
		return p, nil
	}
	m := merge{store: s, descending: q.Descending, from: q.From, piece: 2 + q.Limit/128}
	for len(p.Rows) < q.Limit && p.Looked < MaxLooked {
		entries, err := m.next(ctx, min(MaxLooked-p.Looked, max(q.Limit-len(p.Rows), lookPiece(&q))))
		if err != nil {
			return Page{}, err
		}
		if len(entries) == 0 {
			return p, nil
		}
		if err := s.take(ctx, &p, &q, entries); err != nil {
			return Page{}, err
		}
	}
	p.More = true
	return p, nil
}

// lookPiece is how many sessions a search reads at once.
func lookPiece(q *Query) int {
	if q.Prefix == "" && q.EndsWithin == 0 && q.Match == nil {
		return 1
	}
	return 500
}

// take reads the sessions of entries and adds the rows that the query keeps.
func (s *Store) take(ctx context.Context, p *Page, q *Query, entries []Position) error {
	kept := entries[:0:0]
	for _, e := range entries {
		if hasPrefix(e.Handle, q.Prefix) {
			kept = append(kept, e)
		}
	}
	handles := make([]record.Handle, len(kept))
	for i, e := range kept {
		handles[i] = e.Handle
	}
	rows, err := s.FindMany(ctx, handles)
	if err != nil {
		return err
	}
	byHandle := map[record.Handle]*record.Row{}
	for i := range rows {
		byHandle[rows[i].Handle] = &rows[i]
	}
	for _, e := range entries {
		if len(p.Rows) == q.Limit {
			return nil
		}
		p.Looked, p.Next = p.Looked+1, e
		if row := byHandle[e.Handle]; row != nil && q.keeps(row) {
			p.Rows = append(p.Rows, *row)
		}
	}
	return nil
}

func (q *Query) keeps(row *record.Row) bool {
	return row.State == record.Live &&
		(q.EndsWithin == 0 || row.Remaining > 0 && row.Remaining <= q.EndsWithin) &&
		(q.Match == nil || q.Match(row.Value))
}

func hasPrefix(h record.Handle, prefix string) bool {
	return strings.HasPrefix(h.String(), strings.ToLower(prefix))
}

// Find returns the session of a handle, live or ended. Its State is None when the handle is
// unknown. The Key of an ended session is unknown, and zero. Errors:
// record.ErrUnavailable, the context's.
func (s *Store) Find(ctx context.Context, h record.Handle) (record.Row, error) {
	a, err := s.run(ctx, s.scripts.lookup, tagOf(h), s.keys(h), string(h[:]))
	if err != nil {
		return record.Row{}, err
	}
	if a.outcome == outcomeNone {
		r := ended(a.value)
		row := record.Row{Handle: h, State: r.State, Reason: r.Reason}
		if a.left > 0 {
			row.EndedAgo = max(0, duration(remembered-a.left))
		}
		return row, nil
	}
	p, _, err := parse(h, a.value)
	if err != nil {
		return record.Row{}, wrap(refusal, err)
	}
	v, err := s.view(&p.key, a.value, a.now)
	if err == nil && p.form == pending {
		v, err = s.look(ctx, &p.key)
	}
	if err != nil {
		return record.Row{}, fmt.Errorf("find session %s: %w", h.Fingerprint(), err)
	}
	v.shorten(a.left)
	if v.State != record.Live {
		return record.Row{Handle: h, State: v.State, Reason: v.Reason}, nil
	}
	v.Value = bytes.Clone(v.Value)
	return v.row(), nil
}

// FindMany is Find for several handles, in their order.
func (s *Store) FindMany(ctx context.Context, handles []record.Handle) ([]record.Row, error) {
	rows := make([]record.Row, len(handles))
	err := s.each(ctx, len(handles), func(ctx context.Context, i int) (err error) {
		rows[i], err = s.Find(ctx, handles[i])
		return err
	})
	return rows, err
}
