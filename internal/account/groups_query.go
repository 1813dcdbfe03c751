package account

import "context"

// Groups returns one page of groups. Errors: ErrUnavailable, ErrClosed.
func (s *Store) Groups(ctx context.Context, q GroupQuery) (page GroupPage, err error) {
	search := matching(q.Search, "g.name")
	order := " ORDER BY lower(g.name), g.name"
	if q.Descending {
		order = " ORDER BY lower(g.name) DESC, g.name DESC"
	}
	err = s.reading(ctx, func(t tx) (err error) {
		if err := t.row("SELECT count(*) FROM groups g "+search.String(), search.args, &page.Total); err != nil {
			return err
		}
		page.Groups, err = t.groups(search.String()+order+limited(q.Offset, q.Limit), search.args...)
		return err
	})
	return page, err
}
