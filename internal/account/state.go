package account

import (
	"maps"
	"slices"
)

// A state has all users and groups at one instant. It is immutable once published.
type state struct {
	users      map[uint64]*member
	names      map[string]uint64
	groups     map[uint64]*Group
	groupNames map[string]uint64
}

// member is a user with the fields that stay in this package. It is immutable.
type member struct {
	User
	hash   string
	parsed passwordHash // zero if the user is not Usable
}

func newState() *state {
	return &state{map[uint64]*member{}, map[string]uint64{}, map[uint64]*Group{}, map[string]uint64{}}
}

// next returns a copy to change. With 10,000 users it takes about half a millisecond.
func (st *state) next() *state {
	return &state{maps.Clone(st.users), maps.Clone(st.names), maps.Clone(st.groups), maps.Clone(st.groupNames)}
}

// putUser adds or replaces a user, and computes their permissions.
func (st *state) putUser(u User, hash string) {
	if old := st.users[u.ID]; old != nil {
		delete(st.names, old.Username)
	}
	parsed, err := parseHash(hash)
	u.Usable = err == nil
	u.effective, u.granted = st.effective(u), st.granted(u)
	st.users[u.ID] = &member{u, hash, parsed}
	st.names[u.Username] = u.ID
}

func (st *state) effective(u User) permissionSet {
	switch {
	case !u.Active:
		return 0
	case u.Superuser:
		return everything
	}
	return st.granted(u)
}

// granted returns the permissions that a user and their groups have been given, also if the
// user is disabled or a superuser.
func (st *state) granted(u User) permissionSet {
	set := setOf(u.Permissions)
	for _, id := range u.Groups {
		if g := st.groups[id]; g != nil {
			set |= setOf(g.Permissions)
		}
	}
	return set
}

func (st *state) deleteUser(id uint64) {
	delete(st.names, st.users[id].Username)
	delete(st.users, id)
}

// putGroup adds or replaces a group, and updates the permissions of its members.
func (st *state) putGroup(g Group) {
	if old := st.groups[g.ID]; old != nil {
		delete(st.groupNames, old.Name)
	}
	g.Members = 0
	st.groups[g.ID] = &g
	st.groupNames[g.Name] = g.ID
	for _, u := range st.members(g.ID) {
		st.putUser(u.User, u.hash)
	}
}

func (st *state) deleteGroup(id uint64) {
	delete(st.groupNames, st.groups[id].Name)
	delete(st.groups, id)
}

// members returns the users of a group in any order.
func (st *state) members(group uint64) []*member {
	var in []*member
	for _, u := range st.users {
		if slices.Contains(u.Groups, group) {
			in = append(in, u)
		}
	}
	return in
}

// hasSuperuser reports whether there is a superuser who can sign in.
func (st *state) hasSuperuser() bool {
	for _, u := range st.users {
		if u.Active && u.Staff && u.Superuser && u.Usable {
			return true
		}
	}
	return false
}

// lent returns a copy whose slices belong to the caller.
func (u *member) lent() User {
	out := u.User
	out.Groups, out.Permissions = slices.Clone(u.Groups), slices.Clone(u.Permissions)
	return out
}
