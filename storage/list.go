package storage

import (
	"pagesession/storage/internal/index"
	"pagesession/storage/internal/query"
	"pagesession/storage/record"
)

// List returns a page of sessions, with defaults and bounds as Query has them. Lists
// run one after the other, each on at most two processors. A List delays a refresh
// by no more than it takes to copy one of the 256 parts of the index. After Close it
// still works, from memory.
func (s *Storage) List(q record.Query) record.Page {
	s.listing.Lock()
	defer s.listing.Unlock()
	v, _ := s.surveys.Get().(*query.Survey)
	if v == nil {
		v = new(query.Survey)
	}
	defer s.surveys.Put(v)
	q = bounded(q)
	at := s.cfg.Clock.Wall()
	v.Take(s.index, &q, s.line.Now())
	page := v.Page(&q)
	page.At = at
	for i := range page.Rows {
		page.Rows[i].Subject = s.index.SubjectOf(&page.Rows[i].Key)
	}
	return page
}

func bounded(q record.Query) record.Query {
	q.Offset, q.Limit = max(0, q.Offset), q.Rows()
	return q
}

// Find returns the session of a handle, live or ended, as it is now. Its State is
// None when the handle is unknown. It costs as much as Peek.
func (s *Storage) Find(h record.Handle) (row record.Row) {
	s.index.Read(int(h[0]), func(sh *index.Shard) { row = query.Find(sh, h, s.line.Now()) })
	if row.State == record.Live {
		row.Subject = s.index.SubjectOf(&row.Key)
	}
	return row
}
