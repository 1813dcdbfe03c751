package query

import (
	"bytes"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/index"
	"pagesession/storage/record"
)

// shown is what rows of columns have in common.
type shown interface {
	key() record.Handle
	row(now int64) record.Row
}

// Page returns the query's page of what Take has found.
func (v *Survey) Page(q *record.Query) record.Page {
	live, ended := rowsIn(&v.live), rowsIn(&v.ended)
	rows := appendRows(nil, &v.live, q.Offset, q.Limit, v.now)
	rows = appendRows(rows, &v.ended, max(0, q.Offset-live), q.Limit-len(rows), v.now)
	return record.Page{Rows: rows, Total: live + ended}
}

func rowsIn[R shown](all *[index.Shards]columns[R]) (n int) {
	for i := range all {
		n += len(all[i].rows)
	}
	return n
}

// appendRows appends at most limit rows, from offset on. Rows with the same place
// are in the order of their handles.
func appendRows[R shown](rows []record.Row, all *[index.Shards]columns[R], offset, limit int, now int64) []record.Row {
	orders := make([][]uint64, index.Shards)
	for i := range all {
		orders[i] = all[i].order
	}
	at := func(s spot) R { return all[s.shard].rows[s.index] }
	tie := func(a, b spot) int {
		x, y := at(a).key(), at(b).key()
		return bytes.Compare(x[:], y[:])
	}
	for _, s := range pick(orders, offset, limit, tie) {
		rows = append(rows, at(s).row(now))
	}
	return rows
}

func (r liveRow) key() record.Handle  { return r.handle }
func (r endedRow) key() record.Handle { return r.handle }

// row describes the session at an instant. Its last use can be later than the
// instant, because refreshes went on since.
func (r liveRow) row(now int64) record.Row {
	row := record.Row{
		Handle: r.handle, State: record.Live, Key: r.body.Key(r.handle), Value: r.body.Value,
		Age: entry.Millis(max(0, now-r.body.Created)), Unused: entry.Millis(max(0, now-r.Used)),
		IdleTimeout: entry.Millis(r.Idle), Refreshes: r.body.Refreshes.Load(),
	}
	row.Remaining, row.AbsoluteRemaining = r.Left(now)
	return row
}

func (r endedRow) row(now int64) record.Row {
	row := record.Row{Handle: r.handle, State: record.Ended, Reason: r.Reason, EndedAgo: entry.Millis(max(0, now-r.At))}
	if r.body != nil {
		row.Key = r.body.Key(r.handle)
	}
	return row
}

// Find describes the session of a handle in its shard. The shard has to be locked.
func Find(s *index.Shard, h record.Handle, now int64) record.Row {
	e, t, ok := s.SlotOf(&h)
	if !ok {
		return record.Row{Handle: h}
	}
	if e == nil {
		return endedRow{h, nil, t}.row(now)
	}
	if t, gone := s.Fate(e, now); gone {
		return endedRow{h, e.Body, t}.row(now)
	}
	return liveRow{h, e.Body, e.Life}.row(now)
}
