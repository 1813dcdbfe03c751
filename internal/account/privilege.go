package account

import "fmt"

// trusted is for what the store does of its own.
var trusted = Actor{Name: "pagesession", Via: ViaCommandLine}

// complete reports whether the audit log can name the actor.
func (a Actor) complete() bool {
	return a.Via == ViaConsole && a.UserID != 0 || a.Via == ViaCommandLine || a.Via == ViaFirstRun
}

// identify finds the console's user as it is at this instant, which may differ
// from when the request came, and asks for their permission.
func (c *change) identify(need Permission) error {
	if !c.actor.complete() {
		return ErrActor
	}
	if c.actor.Via != ViaConsole {
		return nil
	}
	by := c.state.users[c.actor.UserID]
	if by == nil || !by.Active || !by.Staff {
		return ErrForbidden
	}
	c.by, c.actor.Name = by, by.Username
	if need != "" && !by.Can(need) {
		return fmt.Errorf("%w: %s", ErrForbidden, need.Label())
	}
	return nil
}

// mayGive refuses what the change adds to before and the actor lacks.
func (c *change) mayGive(before, after permissionSet) error {
	if c.by != nil && !c.by.effective.covers(after&^before) {
		return fmt.Errorf("%w: you cannot give a permission that you do not have", ErrForbidden)
	}
	return nil
}

// mayTouch refuses changes of a superuser by other users.
func (c *change) mayTouch(u User) error {
	if c.by != nil && u.Superuser && !c.by.Superuser {
		return fmt.Errorf("%w: only a superuser can add, change or delete a superuser", ErrForbidden)
	}
	return nil
}

// mayTakeOver refuses to set the password of a user with more permissions, as whom
// the actor could sign in then.
func (c *change) mayTakeOver(u User) error {
	if c.by != nil && !c.by.MayTakeOver(u) {
		return fmt.Errorf("%w: the user has permissions that you do not have", ErrForbidden)
	}
	return nil
}

// self reports whether it is about the console's own user.
func (c *change) self(u User) bool { return c.by != nil && c.by.ID == u.ID }
