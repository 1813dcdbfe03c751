package account

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// Groups returns one page of groups, from memory.
func (s *Store) Groups(_ context.Context, q GroupQuery) (GroupPage, error) {
	st, err := s.present()
	if err != nil {
		return GroupPage{}, err
	}
	words := strings.Fields(strings.ToLower(q.Search))
	var found []*Group
	for _, g := range st.groups {
		if containsAll(words, g.Name) {
			found = append(found, g)
		}
	}
	slices.SortFunc(found, q.compare)
	page := GroupPage{Total: len(found)}
	members := st.countMembers()
	for _, g := range cut(found, q.Offset, q.Limit) {
		out := g.lent()
		out.Members = members[g.ID]
		page.Groups = append(page.Groups, out)
	}
	return page, nil
}

func (q GroupQuery) compare(a, b *Group) int {
	n := cmp.Or(compareFold(a.Name, b.Name), cmp.Compare(a.Name, b.Name))
	if q.Descending {
		return -n
	}
	return n
}

func (st *state) countMembers() map[uint64]int {
	n := map[uint64]int{}
	for _, u := range st.users {
		for _, id := range u.Groups {
			n[id]++
		}
	}
	return n
}
