package account

import (
	"context"
	"slices"
)

// User returns the user with this id, or ErrNotFound.
func (s *Store) User(_ context.Context, id uint64) (User, error) {
	st, err := s.present()
	if err != nil {
		return User{}, err
	}
	return st.users[id].orNotFound()
}

// UserByName returns the user with this username, or ErrNotFound.
func (s *Store) UserByName(_ context.Context, username string) (User, error) {
	st, err := s.present()
	if err != nil {
		return User{}, err
	}
	return st.named(normalUsername(username)).orNotFound()
}

func (u *member) orNotFound() (User, error) {
	if u == nil {
		return User{}, ErrNotFound
	}
	return u.lent(), nil
}

// Valid returns the user if they may continue a console session that began at epoch: they
// are active and staff, and their epoch is the same. After an error the answer is
// unknown, so the session must stay as it is. Error: ErrUnavailable.
func (s *Store) Valid(_ context.Context, id, epoch uint64) (User, bool, error) {
	st, err := s.present()
	if err != nil {
		return User{}, false, err
	}
	u := st.users[id]
	if u == nil || !u.Active || !u.Staff || u.Epoch != epoch {
		return User{}, false, nil
	}
	return u.lent(), true, nil
}

// HasSuperuser reports whether there is a superuser who can sign in: active, staff, and
// with a password. After an error there may be one. Error: ErrUnavailable.
func (s *Store) HasSuperuser(context.Context) (bool, error) {
	st, err := s.present()
	return err == nil && st.hasSuperuser(), err
}

// Group returns the group with this id, or ErrNotFound.
func (s *Store) Group(_ context.Context, id uint64) (Group, error) {
	st, err := s.present()
	if err != nil {
		return Group{}, err
	}
	g := st.groups[id]
	if g == nil {
		return Group{}, ErrNotFound
	}
	out := g.lent()
	out.Members = len(st.members(id))
	return out, nil
}

// GroupByName returns the group with this name, or ErrNotFound.
func (s *Store) GroupByName(ctx context.Context, name string) (Group, error) {
	st, err := s.present()
	if err != nil {
		return Group{}, err
	}
	return s.Group(ctx, st.groupNames[name])
}

// lent returns a copy whose slice belongs to the caller.
func (g *Group) lent() Group {
	out := *g
	out.Permissions = slices.Clone(g.Permissions)
	return out
}
