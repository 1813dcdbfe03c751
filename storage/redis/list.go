package redis

import (
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

// ErrQuery is returned by List for what the index cannot give: ended sessions, another order
// than by creation, an offset.
var ErrQuery = errors.New("redis: sessions can be listed by creation only, the live ones, from a position")

// checkQuery returns an error for a Query that List cannot answer.
func checkQuery(q *record.Query) error {
	switch {
	case q.States != record.LiveOnly || q.Reason != record.NoReason:
		return fmt.Errorf("%w; the query asks for ended ones", ErrQuery)
	case q.Order != record.ByCreated:
		return fmt.Errorf("%w; the query has another order", ErrQuery)
	case q.Offset > 0:
		return fmt.Errorf("%w; the query has an offset", ErrQuery)
	}
	return nil
}

// List returns a page of live sessions by creation. It reads the index of each tag, 1,024
// short commands, and then the sessions at which it looks, at most MaxLooked. With a Prefix
// of three or more digits it looks into one tag. Sessions that are created, used or ended
// meanwhile appear as they were before or after. It extends nothing. Errors: ErrQuery,
// ErrNoIndex, record.ErrUnavailable, the context's.
func (s *Store) List(ctx context.Context, q record.Query) (record.Page, error) {
	if s.cfg.NoIndex {
		return record.Page{}, ErrNoIndex
	}
	if err := checkQuery(&q); err != nil {
		return record.Page{}, err
	}
	q.Limit = q.Rows()
	p := record.Page{At: time.UnixMilli(s.clock.now()), Next: q.From}
	var err error
	if p.Total, err = s.total(ctx); err != nil {
		return record.Page{}, err
	}
	if _, err := hex.DecodeString(q.Prefix + strings.Repeat("0", len(q.Prefix)%2)); err != nil {
		return p, nil
	}
	m := merge{store: s, descending: q.Descending, from: q.From, piece: 2 + q.Limit/128, prefix: q.Prefix}
	for len(p.Rows) < q.Limit && p.Looked < MaxLooked {
		entries, err := m.next(ctx, min(MaxLooked-p.Looked, max(q.Limit-len(p.Rows), lookPiece(&q))))
		if err != nil {
			return record.Page{}, err
		}
		if len(entries) == 0 {
			return p, nil
		}
		if err := s.take(ctx, &p, &q, entries); err != nil {
			return record.Page{}, err
		}
	}
	p.More = p.Next != m.from || m.more()
	return p, nil
}

// lookPiece is how many sessions a search reads at once.
func lookPiece(q *record.Query) int {
	if q.Prefix == "" && q.EndsWithin == 0 && q.Match == nil {
		return 1
	}
	return 500
}

// take reads the sessions of entries and adds the rows that the query keeps.
func (s *Store) take(ctx context.Context, p *record.Page, q *record.Query, entries []record.Position) error {
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
		if row := byHandle[e.Handle]; row != nil && keeps(q, row) {
			aged := *row // as at p.At or younger, although it was read later
			aged.Age = max(0, row.Age-time.UnixMilli(s.clock.now()).Sub(p.At))
			p.Rows = append(p.Rows, aged)
		}
	}
	return nil
}

func keeps(q *record.Query, row *record.Row) bool {
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
