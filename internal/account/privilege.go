package account

import "fmt"

// trusted is for what the store does of its own.
var trusted = Actor{Name: "pagesession", Via: ViaCommandLine}

// complete tells whether the audit log will say who it was.
func (a Actor) complete() bool {
	switch a.Via {
	case ViaConsole:
		return a.UserID != 0
	case ViaCommandLine, ViaFirstRun:
		return true
	default:
		return false
	}
}

// identify finds the console's user as he is at this instant, not as he was
// when his request came.
func (c *change) identify() error {
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
	return nil
}

// need is the guard of each kind of change.
func (c *change) need(p Permission) error {
	if c.by != nil && !c.by.Can(p) {
		return fmt.Errorf("%w: %s", ErrForbidden, p.Label())
	}
	return nil
}

// mayGive stops who wants to make himself or others more than he is: what is
// in after and was not in before must be his.
func (c *change) mayGive(before, after permissionSet) error {
	if c.by != nil && !c.by.effective.covers(after&^before) {
		return fmt.Errorf("%w: you cannot give a permission that you do not have", ErrForbidden)
	}
	return nil
}

// mayTouch stops who wants to take hold of a superuser.
func (c *change) mayTouch(u User) error {
	if c.by != nil && u.Superuser && !c.by.Superuser {
		return fmt.Errorf("%w: only a superuser can add, change or delete a superuser", ErrForbidden)
	}
	return nil
}

// mayTakeOver stops who wants to log in as somebody with more permissions than
// he has, by giving him a password. Whether that user is active now does not
// matter: he can be made so.
func (c *change) mayTakeOver(u User) error {
	if err := c.mayTouch(u); err != nil {
		return err
	}
	return c.mayGive(0, c.state.granted(u))
}

// granted is what a user who is no superuser has been given, active or not.
func (st *state) granted(u User) permissionSet {
	return setOf(u.Permissions) | st.groupSet(u.Groups)
}

// self tells whether it is about the console's own user.
func (c *change) self(u User) bool { return c.by != nil && c.by.ID == u.ID }
