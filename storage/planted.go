package storage

import "pagesession/storage/record"

// peekAny is Peek with the planted bug that an unknown key shows another session; see
// package planted.
func (s *Storage) peekAny(k record.Key) record.Record {
	r := s.Peek(k)
	if r.State != record.None {
		return r
	}
	for _, row := range s.List(record.Query{Limit: 1}).Rows {
		r = s.Peek(row.Key)
	}
	return r
}
