package account

import "context"

// Groups returns one page of groups. Errors: ErrUnavailable, ErrClosed.
func (s *Store) Groups(ctx context.Context, q GroupQuery) (GroupPage, error) {
	search := matching(q.Search, "g.name")
	order := " ORDER BY lower(g.name), g.name"
	if q.Descending {
		order = " ORDER BY lower(g.name) DESC, g.name DESC"
	}
	return read(ctx, s, func(t tx) GroupPage {
		return GroupPage{
			Groups: t.groups(search.String()+order+limited(q.Offset, q.Limit), search.args...),
			Total:  value[int](t, "SELECT count(*) FROM groups g "+search.String(), search.args...),
		}
	})
}
