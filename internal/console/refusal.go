package console

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
)

// refusals are what a form says when what it asks for was not done, and nothing
// that was typed is wrong.
var refusals = []struct {
	is   error
	says string
}{
	{account.ErrSelf, "You cannot delete, disable or demote yourself. Another superuser can."},
	{account.ErrLastSuperuser, "This is the last active superuser: without one nobody could manage this server. Make somebody else a superuser first."},
	{account.ErrForbidden, "Your permissions do not allow this: you cannot change a superuser, nor give away a permission that you have not yourself. Nothing was saved."},
	{errGone, "Somebody else was faster, and some of these are gone already. Nothing was deleted; please look again."},
	{account.ErrChanged, "Somebody else has changed this meanwhile, and nothing was saved. What you typed stands below; saving it again replaces what is there now."},
	{account.ErrBusy, "Too many passwords are being checked at this moment. Nothing was saved; please try again."},
	{account.ErrFull, "There is no room for more: the accounts file is full. Nothing was saved."},
}

// errGone is ErrNotFound for one of several.
var errGone = fmt.Errorf("gone: %w", account.ErrChanged)

func gone(err error) error {
	if errors.Is(err, account.ErrNotFound) {
		return errGone
	}
	return err
}

// explain puts an error into a form, with the status that goes with it, and
// returns nil; an error that is not for forms it returns.
func (s *console) explain(v *visit, f *form, err error) error {
	if errors.As(err, &f.Errors) {
		f.Wrong = "Please correct what is marked below. Nothing was saved."
		v.Status(fiber.StatusUnprocessableEntity)
		return nil
	}
	for _, refusal := range refusals {
		if errors.Is(err, refusal.is) {
			f.Wrong = refusal.says
			code := statusOf(err)
			setRetryAfter(v.Ctx, retryAfter(err, code))
			v.Status(code)
			return nil
		}
	}
	return err
}

// setRetryAfter writes whole seconds, rounded up; 0 writes nothing.
func setRetryAfter(c *fiber.Ctx, wait time.Duration) {
	if wait > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
}
