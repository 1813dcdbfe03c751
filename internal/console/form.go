package console

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/page"
)

// A form has what is wrong with it, field by field and as a whole.
type form struct {
	Errors account.ValidationErrors
	Wrong  string // a sentence about the form as a whole
}

// An input is a line of a form: what was typed, and what is wrong with it.
type input struct {
	Name, Label, Value string
	Type               string // of the element: text, email
	Max                int    // characters
	Required           bool
	Hint               string
	Errors             []string
}

// Describes are the ids of what explains the line, for aria-describedby.
func (i input) Describes() string {
	var ids []string
	if len(i.Errors) > 0 {
		ids = append(ids, i.Name+"-error")
	}
	if i.Hint != "" {
		ids = append(ids, i.Name+"-hint")
	}
	return strings.Join(ids, " ")
}

// refusals are a form's sentences for errors that no field has caused.
var refusals = []struct {
	is   error
	says string
}{
	{account.ErrSelf, "Nothing was changed: you cannot delete, disable or demote yourself. Ask another superuser to do it."},
	{account.ErrLastSuperuser, "Nothing was changed: this is the last active superuser. Make another user a superuser first."},
	{account.ErrForbidden, "Nothing was changed: your permissions do not allow this. Only superusers can change superusers, and you can grant only permissions that you have yourself."},
	{errGone, "Nothing was deleted: some of these no longer exist. Check the list and try again."},
	{account.ErrChanged, "Nothing was changed: someone else has changed this in the meantime. The form still has your input; saving again replaces what is there now."},
	{account.ErrBusy, "Nothing was changed: too many passwords are being checked at the moment. Try again."},
	{account.ErrRequired, "Nothing was changed: operators like you need a second factor here, and this is your only one."},
	{account.ErrManyPasskeys, "Nothing was saved: you have as many passkeys as you can have. Remove one first."},
	{account.ErrPasskey, "Nothing was saved: the answer of the browser or the passkey does not fit. Try again, or use another device."},
	{account.ErrSetup, "Nothing was saved: this took more than five minutes, you have added another passkey meanwhile, or your browser does not keep cookies. Try again."},
	{account.ErrNoFactor, "Nothing was changed: there is no second factor any more."},
	{account.ErrNoSecretKey, "Nothing was changed: the server has no key to keep the app’s secret with. Restart it, which makes one."},
	{account.ErrFull, "Nothing was changed: the accounts database or its disk is full. Make room, then try again."},
}

// errGone is ErrNotFound for one of several.
var errGone = fmt.Errorf("gone: %w", account.ErrChanged)

// refuse shows a form again with its errors. It returns errors that are not for forms.
func refuse(r *request, err error, show func(form) error) error {
	var f form
	if errors.As(err, &f.Errors) {
		f.Wrong = "Nothing was saved. Correct the fields marked below."
		r.Status(fiber.StatusUnprocessableEntity)
		return show(f)
	}
	for _, refusal := range refusals {
		if errors.Is(err, refusal.is) {
			f.Wrong = refusal.says
			refused(r, err)
			return show(f)
		}
	}
	return err
}

// refused sets the status of an error that the page itself explains.
func refused(r *request, err error) {
	code := statusOf(err)
	page.RetryAfter(r.Ctx, retryAfter(err, code))
	r.Status(code)
}

// fields returns all values of a form's field; none if the form cannot be read.
func (r *request) fields(name string) []string {
	all, _ := page.FormValues(r.Request(), name)
	return all
}

// field returns a field of a POST's form as it came: a password.
func (r *request) field(name string) string {
	if all := r.fields(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// text returns a field that is shown again: valid UTF-8, without space around it.
func (r *request) text(name string) string { return clean(r.field(name)) }

// version returns the version that a form was made of.
func (r *request) version() uint64 {
	n, _ := strconv.ParseUint(r.field("version"), 10, 64)
	return n
}

// checked reports whether a box of the form was ticked, or a button pressed.
func (r *request) checked(name string) bool { return r.field(name) != "" }

// query returns a parameter of the address, a copy.
func (r *request) query(name string) string { return string(r.Context().QueryArgs().Peek(name)) }

// asked returns a parameter of the address as text does a field.
func (r *request) asked(name string) string { return clean(r.query(name)) }

func clean(s string) string { return strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD")) }

// number returns a numeric parameter of the address; 0 for anything else.
func (r *request) number(name string) uint64 {
	n, _ := strconv.ParseUint(r.query(name), 10, 64)
	return n
}

// numbers reads ids. It leaves out texts that are not an id in its usual form.
func numbers(texts []string) []uint64 {
	var all []uint64
	for _, text := range texts {
		if n, err := strconv.ParseUint(text, 10, 64); err == nil && strconv.FormatUint(n, 10) == text {
			all = append(all, n)
		}
	}
	return all
}

// leave redirects to a page, or to the dashboard if this user may not see it.
func (r *request) leave(may bool, page string) error {
	if !may {
		page = "/admin/"
	}
	return r.Redirect(page, fiber.StatusSeeOther)
}
