package account

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// Users returns one page of users, from memory. With 10,000 users it takes some
// milliseconds.
func (s *Store) Users(_ context.Context, q UserQuery) (UserPage, error) {
	st, err := s.present()
	if err != nil {
		return UserPage{}, err
	}
	page := UserPage{Counts: UserCounts{Groups: map[uint64]int{}}}
	words := strings.Fields(strings.ToLower(q.Search))
	var found []*member
	for _, u := range st.users {
		if !containsAll(words, u.Username, u.Email, u.FirstName, u.LastName) {
			continue
		}
		page.Counts.add(q, u.User)
		if q.takes(u.User) {
			found = append(found, u)
		}
	}
	slices.SortFunc(found, q.compare)
	page.Total = len(found)
	for _, u := range cut(found, q.Offset, q.Limit) {
		page.Users = append(page.Users, u.lent())
	}
	return page, nil
}

// containsAll reports whether each word is in one of the texts.
func containsAll(words []string, texts ...string) bool {
	for _, word := range words {
		if !slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(strings.ToLower(text), word) }) {
			return false
		}
	}
	return true
}

// takes reports whether a user matches all filters.
func (q UserQuery) takes(u User) bool {
	return q.Active.takes(u.Active) && q.Staff.takes(u.Staff) && q.Superuser.takes(u.Superuser) && q.takesGroups(u.Groups)
}

func (c Choice) takes(flag bool) bool { return c == Any || (c == Yes) == flag }

func (q UserQuery) takesGroups(ids []uint64) bool {
	switch q.Group {
	case 0:
		return true
	case NoGroup:
		return len(ids) == 0
	default:
		return slices.Contains(ids, q.Group)
	}
}

// add counts a user in each filter if they match all other filters.
func (n *UserCounts) add(q UserQuery, u User) {
	active, staff, superuser, group := q, q, q, q
	if active.Active = Any; active.takes(u) {
		n.Active.add(u.Active)
	}
	if staff.Staff = Any; staff.takes(u) {
		n.Staff.add(u.Staff)
	}
	if superuser.Superuser = Any; superuser.takes(u) {
		n.Superuser.add(u.Superuser)
	}
	if group.Group = 0; !group.takes(u) {
		return
	}
	for _, id := range u.Groups {
		n.Groups[id]++
	}
	if len(u.Groups) == 0 {
		n.Groups[NoGroup]++
	}
}

func (n *FlagCount) add(flag bool) {
	if flag {
		n.Yes++
	} else {
		n.No++
	}
}

// compare sorts by the column. Equal users are in ascending order of usernames, also in a
// descending sort.
func (q UserQuery) compare(a, b *member) int {
	n := q.Sort.compare(a.User, b.User)
	if q.Descending {
		n = -n
	}
	return cmp.Or(n, SortUsername.compare(a.User, b.User), cmp.Compare(a.Username, b.Username))
}

func (by UserSort) compare(a, b User) int {
	switch by {
	case SortEmail:
		return compareFold(a.Email, b.Email)
	case SortFirstName:
		return compareFold(a.FirstName, b.FirstName)
	case SortLastName:
		return compareFold(a.LastName, b.LastName)
	case SortActive:
		return compareFlag(a.Active, b.Active)
	case SortStaff:
		return compareFlag(a.Staff, b.Staff)
	case SortSuperuser:
		return compareFlag(a.Superuser, b.Superuser)
	case SortLastLogin:
		return time.Time.Compare(a.LastLogin, b.LastLogin)
	case SortJoined:
		return time.Time.Compare(a.Joined, b.Joined)
	default:
		return compareFold(a.Username, b.Username)
	}
}

func compareFold(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }

// compareFlag sorts false before true.
func compareFlag(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// cut returns one page of all.
func cut[T any](all []T, offset, limit int) []T {
	all = all[min(max(offset, 0), len(all)):]
	if limit > 0 {
		all = all[:min(limit, len(all))]
	}
	return all
}
