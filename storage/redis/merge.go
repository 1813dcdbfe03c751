package redis

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/redis/rueidis"

	"pagesession/storage/record"
)

// A merge goes through the indexes of all tags in one order. Since the sessions are spread
// evenly, the first rows of each index nearly always have the next rows of all; it reads
// more of an index only when its piece is used up.
type merge struct {
	store      *Store
	descending bool
	from       record.Position // the end of what was returned
	piece      int             // entries read of an index at once
	prefix     string          // of the handles, in hex: only tags that can have such ones are read
	of         []run           // by tag; nil: not yet read
}

// A run is a piece of one index, in the order of the merge.
type run struct {
	entries []record.Position
	last    bool // the index has no more
}

// next returns the next entries, at most n. None: the end.
func (m *merge) next(ctx context.Context, n int) (list []record.Position, err error) {
	if m.of == nil {
		m.of = make([]run, tags)
		for tag := range m.of {
			m.of[tag].last = !tagHas(tag, m.prefix)
		}
		if err := m.fill(ctx); err != nil {
			return nil, err
		}
	}
	for len(list) < n {
		best := -1
		for tag := range m.of {
			if len(m.of[tag].entries) > 0 && (best < 0 || m.before(m.of[tag].entries[0], m.of[best].entries[0])) {
				best = tag
			}
		}
		if best < 0 {
			return list, nil
		}
		r := &m.of[best]
		list, m.from, r.entries = append(list, r.entries[0]), r.entries[0], r.entries[1:]
		if len(r.entries) == 0 && !r.last {
			if err := m.fill(ctx); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// more reports whether there are entries that next has not returned.
func (m *merge) more() bool {
	return slices.ContainsFunc(m.of, func(r run) bool { return len(r.entries) > 0 || !r.last })
}

// before reports whether a comes before b.
func (m *merge) before(a, b record.Position) bool {
	c := cmp.Or(cmp.Compare(a.Created, b.Created), bytes.Compare(a.Handle[:], b.Handle[:]))
	return c < 0 != m.descending && c != 0
}

// fill reads the next piece of each index that is used up.
func (m *merge) fill(ctx context.Context) error {
	return m.store.each(ctx, tags, func(ctx context.Context, tag int) error {
		if r := &m.of[tag]; len(r.entries) > 0 || r.last {
			return nil
		}
		return m.read(ctx, tag)
	})
}

// read reads a piece of one index, from the end of what was returned. Entries of the same
// millisecond are read again and left out.
func (m *merge) read(ctx context.Context, tag int) error {
	for n := m.piece; ; n *= 2 {
		scores, err := m.store.byCreation(ctx, tag, m.from.Created, m.descending, n)
		if err != nil {
			return err
		}
		r := run{last: len(scores) < n}
		for _, z := range scores {
			if len(z.Member) != len(record.Handle{}) {
				continue
			}
			p := record.Position{Created: int64(z.Score), Handle: record.Handle([]byte(z.Member))}
			if m.from == (record.Position{}) || m.before(m.from, p) {
				r.entries = append(r.entries, p)
			}
		}
		if len(r.entries) > 0 || r.last {
			m.of[tag] = r
			return nil
		}
	}
}

// byCreation reads entries of an index from a creation on; 0: from the first.
func (s *Store) byCreation(ctx context.Context, tag int, from int64, descending bool, n int) (scores []rueidis.ZScore, err error) {
	name, start, end := s.ofTag(kindIndex, tag), number(from), "+inf"
	if descending {
		end = "-inf"
		if from == 0 {
			start = "+inf"
		}
	}
	err = s.do(ctx, tag, func(ctx context.Context) (err error) {
		q := s.client.B().Zrange().Key(name).Min(start).Max(end).Byscore()
		if descending {
			scores, err = s.client.Do(ctx, q.Rev().Limit(0, int64(n)).Withscores().Build()).AsZScores()
		} else {
			scores, err = s.client.Do(ctx, q.Limit(0, int64(n)).Withscores().Build()).AsZScores()
		}
		return err
	})
	return scores, err
}

// total returns the number of entries of all indexes.
func (s *Store) total(ctx context.Context) (int, error) {
	var counts [tags]int64
	err := s.each(ctx, tags, func(ctx context.Context, tag int) error {
		name := s.ofTag(kindIndex, tag)
		return s.do(ctx, tag, func(ctx context.Context) (err error) {
			counts[tag], err = s.client.Do(ctx, s.client.B().Zcard().Key(name).Build()).AsInt64()
			return err
		})
	})
	var n int64
	for _, c := range counts {
		n += c
	}
	return int(n), err
}
