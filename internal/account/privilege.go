package account

import "fmt"

// trusted is the actor of changes that the store itself makes.
var trusted = Actor{Name: "pagesession", Via: ViaCommandLine}

// complete reports whether the audit log can name the actor.
func (a Actor) complete() bool {
	return a.Via == ViaConsole && a.UserID != 0 || a.Via == ViaCommandLine || a.Via == ViaFirstRun
}

// identify checks that an actor of the console has the permission now. Their user may have
// changed since the request began.
func (c *change) identify(need Permission) error {
	if !c.actor.complete() {
		return ErrActor
	}
	if c.actor.Via != ViaConsole {
		return nil
	}
	by := c.member(c.actor.UserID)
	if by == nil || !by.Active || !by.Staff {
		return ErrForbidden
	}
	c.by, c.actor.Name = by, by.Username
	if need == Superuser && !by.Superuser {
		return fmt.Errorf("%w: only superusers may", ErrForbidden)
	}
	if need != "" && need != Superuser && !by.Can(need) {
		return fmt.Errorf("%w: %s", ErrForbidden, need.Label())
	}
	return nil
}

// granted returns the permissions that a user would have been given by their groups and
// themselves.
func (c *change) granted(u User) permissionSet {
	set := setOf(u.Permissions)
	for _, id := range u.Groups {
		if g := c.group(id); g != nil {
			set |= setOf(g.Permissions)
		}
	}
	return set
}

// mayGive refuses permissions that after has, and that before and the actor lack.
func (c *change) mayGive(before, after permissionSet) error {
	if c.by != nil && !c.by.effective.covers(after&^before) {
		return fmt.Errorf("%w: you cannot give a permission that you do not have", ErrForbidden)
	}
	return nil
}

// mayTouch refuses a change of a superuser by an actor who is not a superuser.
func (c *change) mayTouch(u User) error {
	if c.by != nil && u.Superuser && !c.by.Superuser {
		return fmt.Errorf("%w: only a superuser can add, change or delete a superuser", ErrForbidden)
	}
	return nil
}

// mayTakeOver refuses to set the password of a user with more permissions, because the
// actor could then sign in as that user.
func (c *change) mayTakeOver(u User) error {
	if c.by != nil && !c.by.MayTakeOver(u) {
		return fmt.Errorf("%w: the user has permissions that you do not have", ErrForbidden)
	}
	return nil
}

// self reports whether u is the actor themselves.
func (c *change) self(u User) bool { return c.by != nil && c.by.ID == u.ID }
