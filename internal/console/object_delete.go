package console

import (
	"errors"

	"pagesession/internal/account"
	"pagesession/internal/page"
)

// A deletePage asks whether to delete these objects.
type deletePage struct {
	frame
	form
	Noun   string
	Rows   []leaving
	Sees   bool   // whether the operator may look at them
	May    bool   // whether all of them can go
	Action string // where the form goes
}

// A leaving is an object that is to be deleted, and what goes with it.
type leaving struct {
	object
	FullName  string
	Superuser bool
	Stays     string // why it cannot be deleted, if so
	Goes      []string
}

// deleteForm answers GET /admin/users/<id>/delete/ and /admin/users/delete/?id=…
func (k *objectKind[T]) deleteForm(r *request) error {
	all, _, err := k.selected(r)
	if err != nil {
		return err
	}
	return k.showDelete(r, form{}, all)
}

func (k *objectKind[T]) showDelete(r *request, f form, all []T) error {
	title, crumbs, action := "Delete "+string(k.kind)+"s", []crumb{k.list}, k.list.URL+"delete/"
	if len(all) == 1 {
		o := k.named(all[0])
		title, crumbs, action = "Delete "+o.Name, append(crumbs, crumb{o.Name, o.URL}), o.URL+"delete/"
	}
	p := &deletePage{
		frame: k.frame(r, title, crumbs...), form: f, Noun: string(k.kind), Action: action,
		Rows: k.leaving(r, all), Sees: k.sees.admits(r.user), May: len(all) > 0,
	}
	for _, row := range p.Rows {
		p.May = p.May && row.Stays == ""
	}
	return k.render(r, "delete", p)
}

// delete answers POST /admin/users/<id>/delete/ and /admin/users/delete/: all of
// them go, or none.
func (k *objectKind[T]) delete(r *request) error {
	all, ids, err := k.selected(r)
	if err != nil {
		return err
	}
	sees := k.sees.admits(r.user)
	if len(all) == 0 {
		return r.leave(sees, k.list.URL)
	}
	err = k.remove(r.UserContext(), r.actor(), ids...)
	if errors.Is(err, account.ErrNotFound) {
		err = errGone
	}
	if err != nil {
		return refuse(r, err, func(f form) error { return k.showDelete(r, f, all) })
	}
	k.removed(r, all)
	k.flashCount(r, page.Success, string(k.kind)+".deleted", string(k.kind)+"s.deleted", len(all))
	return r.leave(sees, k.list.URL)
}
