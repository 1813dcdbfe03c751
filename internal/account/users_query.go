package account

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Users returns one page of users. With 10,000 users it takes some ten milliseconds.
// Errors: ErrUnavailable, ErrClosed.
func (s *Store) Users(ctx context.Context, q UserQuery) (UserPage, error) {
	search := matching(q.Search, "u.username", "u.email", "u.first_name", "u.last_name")
	return read(ctx, s, func(t tx) UserPage {
		page := t.countUsers(q, search)
		search.conditions = append(search.conditions, q.filters("")...)
		// The page is chosen by ids first: to sort whole users means to read the groups of all.
		ids := "SELECT u.id FROM users u " + search.String() + q.order() + limited(q.Offset, q.Limit)
		for _, u := range t.members("WHERE u.id IN ("+ids+")"+q.order(), search.args...) {
			page.Users = append(page.Users, u.User)
		}
		return page
	})
}

// matching returns the conditions that each word is in one of the columns, in any case.
func matching(search string, columns ...string) (w where) {
	text := "fold(" + strings.Join(columns, " || ' ' || ") + ")"
	for _, word := range strings.Fields(strings.ToLower(norm.NFC.String(search))) {
		w.add(text+` LIKE $%d ESCAPE '\'`, "%"+strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(word)+"%")
	}
	return w
}

// The filters of users, by the name of their counts.
const (
	byActive    = "active"
	byStaff     = "staff"
	bySuperuser = "superuser"
	byGroup     = "group"
)

// filters returns the conditions of all filters except one.
func (q UserQuery) filters(except string) (all []string) {
	for _, flag := range []struct {
		column string
		is     Choice
	}{{byActive, q.Active}, {byStaff, q.Staff}, {bySuperuser, q.Superuser}} {
		if flag.is != Any && flag.column != except {
			all = append(all, fmt.Sprintf("u.%s = %d", flag.column, 2-flag.is))
		}
	}
	switch {
	case q.Group == 0 || except == byGroup:
	case q.Group == NoGroup:
		all = append(all, "NOT EXISTS (SELECT 1 FROM user_groups WHERE user_id = u.id)")
	default:
		all = append(all, fmt.Sprintf("EXISTS (SELECT 1 FROM user_groups WHERE user_id = u.id AND group_id = %d)", int64(q.Group)))
	}
	return all
}

// countUsers counts the matches of a search, and those for each value of each filter.
func (t tx) countUsers(q UserQuery, search where) (page UserPage) {
	part := func(name, value, from string) string {
		return fmt.Sprintf("SELECT '%s', %s, count(*) FROM found u %s %v GROUP BY 2", name, value, from, where{conditions: q.filters(name)})
	}
	query := "WITH found AS MATERIALIZED (SELECT id, active, staff, superuser FROM users u " + search.String() + ") " + strings.Join([]string{
		part("", "0", ""), part(byActive, "active", ""), part(byStaff, "staff", ""), part(bySuperuser, "superuser", ""),
		part(byGroup, "coalesce(g.group_id, 0)", "LEFT JOIN user_groups g ON g.user_id = u.id"),
	}, " UNION ALL ")
	counts := map[string]map[uint64]int{"": {}, byActive: {}, byStaff: {}, bySuperuser: {}, byGroup: {}}
	t.each(query, search.args, func(scan func(...any)) {
		var name string
		var value uint64
		var n int
		scan(&name, &value, &n)
		counts[name][value] = n
	})
	flag := func(name string) FlagCount { return FlagCount{Yes: counts[name][1], No: counts[name][0]} }
	groups := counts[byGroup]
	if none, ok := groups[0]; ok {
		groups[NoGroup] = none
		delete(groups, 0)
	}
	return UserPage{Total: counts[""][0], Counts: UserCounts{Active: flag(byActive), Staff: flag(byStaff), Superuser: flag(bySuperuser), Groups: groups}}
}

// order sorts by the column. Equal users are in ascending order of usernames, also in a
// descending sort.
func (q UserQuery) order() string {
	columns := map[UserSort]string{
		SortEmail: "lower(u.email)", SortFirstName: "lower(u.first_name)", SortLastName: "lower(u.last_name)",
		SortActive: "u.active", SortStaff: "u.staff", SortSuperuser: "u.superuser",
		SortLastLogin: "coalesce(u.last_login, 0)", SortJoined: "u.joined",
	}
	const byName = "lower(u.username)"
	column, ok := columns[q.Sort]
	if !ok {
		column = byName
	}
	if q.Descending {
		column += " DESC"
	}
	return " ORDER BY " + strings.Join(slices.Compact([]string{column, byName, "u.username"}), ", ")
}

// limited returns the end of a query for one page. A limit of 0 is none.
func limited(offset, limit int) string {
	if limit <= 0 {
		limit = max(MaxUsers, maxGroups)
	}
	return fmt.Sprintf(" LIMIT %d OFFSET %d", limit, max(offset, 0))
}
