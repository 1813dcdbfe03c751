package query

import (
	"bytes"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/index"
	"pagesession/storage/record"
)

func (v *Survey) Page(q *record.Query) record.Page {
	live, ended := v.columns()
	page := record.Page{Total: rowsIn(live) + rowsIn(ended)}
	for _, at := range pick(live, q.Offset, q.Limit, v.tieOfLive) {
		page.Rows = append(page.Rows, v.live[at.shard].rows[at.index].row(v.now))
	}
	rest := q.Limit - len(page.Rows)
	for _, at := range pick(ended, max(0, q.Offset-rowsIn(live)), rest, v.tieOfEnded) {
		page.Rows = append(page.Rows, v.ended[at.shard].rows[at.index].row(v.now))
	}
	return page
}

func (v *Survey) columns() (live, ended [][]uint64) {
	live, ended = make([][]uint64, index.Shards), make([][]uint64, index.Shards)
	for i := range index.Shards {
		live[i], ended[i] = v.live[i].order, v.ended[i].order
	}
	return live, ended
}

func rowsIn(columns [][]uint64) int {
	n := 0
	for _, column := range columns {
		n += len(column)
	}
	return n
}

func (v *Survey) tieOfLive(a, b spot) int {
	x, y := v.live[a.shard].rows[a.index].body, v.live[b.shard].rows[b.index].body
	return bytes.Compare(x.Key[:], y.Key[:])
}

func (v *Survey) tieOfEnded(a, b spot) int {
	x, y := &v.ended[a.shard].rows[a.index], &v.ended[b.shard].rows[b.index]
	return bytes.Compare(x.handle[:], y.handle[:])
}

// row describes the session at an instant. Its shard may have gone on since the
// instant, so its last use can be later.
func (r *liveRow) row(now int64) record.Row {
	row := record.Row{
		Handle: r.body.Key.Handle(), State: record.Live, Key: r.body.Key, Value: r.body.Value,
		Age: entry.Millis(max(0, now-r.body.Created)), Unused: entry.Millis(max(0, now-r.Used)),
		IdleTimeout: entry.Millis(r.Idle), Refreshes: r.body.Refreshes.Load(),
	}
	if end := r.Deadline(); end != entry.Never {
		row.Remaining = entry.Millis(end - now)
	}
	if r.Absolute > 0 {
		row.AbsoluteRemaining = entry.Millis(r.Absolute - now)
	}
	return row
}

func (r *endedRow) row(now int64) record.Row {
	row := record.Row{Handle: r.handle, State: record.Ended, Reason: r.Reason, EndedAgo: entry.Millis(max(0, now-r.At))}
	if r.body != nil {
		row.Key = r.body.Key
	}
	return row
}

// Find describes the session of a handle, which a shard has or remembers.
func Find(s *index.Shard, h record.Handle, now int64) record.Row {
	e, t, ok := s.SlotOf(&h)
	if !ok {
		return record.Row{Handle: h}
	}
	if e == nil {
		return (&endedRow{h, nil, t}).row(now)
	}
	if t, gone := s.Fate(e, now); gone {
		return (&endedRow{h, e.Body, t}).row(now)
	}
	return (&liveRow{e.Body, e.Life}).row(now)
}
