package app

import (
	"pagesession/internal/session"
	"pagesession/storage"
)

var _ session.Lister = sessions{}

func (s sessions) List(q session.Query) session.Page {
	found := s.Storage.List(query(q))
	page := session.Page{Rows: make([]session.Row, len(found.Rows)), Total: found.Total, At: found.At}
	for i := range found.Rows {
		page.Rows[i] = row(&found.Rows[i])
	}
	return page
}

func (s sessions) Find(h session.Handle) session.Row {
	found := s.Storage.Find(storage.Handle(h))
	return row(&found)
}

func (s sessions) EndMany(keys []session.Key, why session.Reason) (int, error) {
	list := make([]storage.Key, len(keys))
	for i, k := range keys {
		list[i] = k
	}
	ended, err := s.Storage.EndMany(list, storage.Reason(why))
	return ended, translate(err)
}

func (s sessions) EndAll(why session.Reason) (int, error) {
	ended, err := s.Storage.EndAll(storage.Reason(why))
	return ended, translate(err)
}

func query(q session.Query) storage.Query {
	out := storage.Query{
		States: storage.States(q.States), Reason: storage.Reason(q.Reason), Prefix: q.Prefix, EndsWithin: q.EndsWithin,
		Order: storage.Order(q.Order), Descending: q.Descending, Offset: q.Offset, Limit: q.Limit,
	}
	if q.Search != "" {
		out.Match = session.Search(q.Search)
	}
	return out
}

func row(r *storage.Row) session.Row {
	return session.Row{
		Handle: session.Handle(r.Handle), State: session.State(r.Status), Reason: session.Reason(r.Reason), EndedAgo: r.EndedAgo,
		Key: r.Key, Age: r.Age, Unused: r.Unused, IdleTimeout: r.IdleTimeout,
		Remaining: r.Remaining, AbsoluteRemaining: r.AbsoluteRemaining, Refreshes: r.Refreshes, Value: r.Value,
	}
}
