package console

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/page"
)

// An objectPage adds, changes or, without Tools.Change, shows an object.
type objectPage[T any] struct {
	frame
	form
	object       // its ID is 0 when it is to be added; Version is the one that the form was made of
	Saved, Typed T
	Inputs       []input
	Grants       []grantRow
	FromGroup    bool // the user has permissions from groups
	Tools        tools
	CanGiveAll   bool
	CanAdd       bool
}

// addForm answers GET /admin/users/add/.
func (k *objectKind[T]) addForm(r *request) error { return k.showAdd(r, form{}, k.empty) }

func (k *objectKind[T]) showAdd(r *request, f form, typed T) error {
	p := objectPage[T]{frame: k.frame(r, "Add "+string(k.kind), k.list), form: f, Typed: typed}
	return k.showForm(r, p)
}

// add answers POST /admin/users/add/.
func (k *objectKind[T]) add(r *request) error {
	var none T
	typed, err := k.read(r, none)
	if err != nil {
		return err
	}
	made, err := k.create(r, typed)
	if err != nil {
		return refuse(r, err, func(f form) error { return k.showAdd(r, f, typed) })
	}
	k.flash(r, page.Success, string(k.kind)+".added")
	if !k.sees.admits(r.user) && !r.checked("_addanother") {
		return r.leave(false, "")
	}
	return k.saved(r, k.named(made), k.addedLeads, true)
}

// show answers GET /admin/users/<id>/, with a form for those who may change it.
func (k *objectKind[T]) show(r *request) error {
	x, _, err := k.at(r)
	if err != nil {
		return err
	}
	return k.showChange(r, form{}, x, x)
}

// showChange shows what was typed for an object that is as saved says.
func (k *objectKind[T]) showChange(r *request, f form, saved, typed T) error {
	o := k.named(saved)
	p := objectPage[T]{frame: k.frame(r, o.Name, k.list), form: f, object: o, Saved: saved, Typed: typed, Tools: k.tools(r.user, saved)}
	if !p.Tools.Change {
		return k.fill(r, string(k.kind)+"_show", p)
	}
	return k.showForm(r, p)
}

func (k *objectKind[T]) showForm(r *request, p objectPage[T]) error {
	p.CanGiveAll, p.CanAdd = r.user.Superuser, r.user.Can(k.addition)
	return k.fill(r, string(k.kind)+"_form", p)
}

// fill adds what only this kind has, and answers with the page.
func (k *objectKind[T]) fill(r *request, template string, p objectPage[T]) error {
	data, err := k.page(r, p)
	if err != nil {
		return err
	}
	return k.render(r, template, data)
}

// change answers POST /admin/users/<id>/.
func (k *objectKind[T]) change(r *request) error {
	before, o, err := k.at(r)
	if err != nil {
		return err
	}
	typed, err := k.read(r, before)
	if err != nil {
		return err
	}
	after, err := k.update(r, typed)
	if err != nil {
		return k.refuseChange(r, before, typed, err)
	}
	k.changed(r, before, after)
	if o = k.named(after); o.Version != k.named(before).Version {
		k.flash(r, page.Success, string(k.kind)+".changed")
	} else {
		k.flash(r, page.Info, string(k.kind)+".same")
	}
	return k.saved(r, o, false, r.user.Can(k.addition))
}

// refuseChange shows the form again, with all that was typed. It names what
// another operator has saved meanwhile, which the next save replaces.
func (k *objectKind[T]) refuseChange(r *request, saved, typed T, err error) error {
	if !k.tools(r.user, saved).Change {
		return page.Status(fiber.StatusForbidden)
	}
	return refuse(r, err, func(f form) error {
		if fields := k.differences(saved, typed); errors.Is(err, account.ErrChanged) && len(fields) > 0 {
			f.Wrong += " It differs in: " + strings.Join(fieldLabels(fields), ", ") + "."
		}
		return k.showChange(r, f, saved, typed)
	})
}

// saved goes on to the object, another one, or the list: the button decides.
func (k *objectKind[T]) saved(r *request, o object, stay, mayAdd bool) error {
	switch {
	case r.checked("_addanother") && mayAdd:
		return r.leave(true, k.list.URL+"add/")
	case r.checked("_continue"), stay:
		return r.leave(true, o.URL)
	default:
		return r.leave(true, k.list.URL)
	}
}
