package console

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/page"
)

// An objectKind is users or groups, which operators add, change and delete.
// object_*.go has the pages of both, users.go and groups.go the differences.
type objectKind[T any] struct {
	*console
	kind  account.Kind
	list  crumb // the page of all of them
	empty T     // what the form to add one starts with

	sees        access
	addition    account.Permission
	addedLeads  bool // to the new object, where there is more to fill in
	find        func(ctx context.Context, id uint64) (T, error)
	named       func(T) object
	tools       func(operator account.User, x T) tools
	create      func(r *request, typed T) (T, error)
	update      func(r *request, typed T) (T, error)
	remove      func(ctx context.Context, by account.Actor, ids ...uint64) error
	read        func(r *request, before T) (T, error) // the form, over what was before
	page        func(r *request, p objectPage[T]) (any, error)
	differences func(a, b T) []string
	leaving     func(r *request, all []T) []leaving
	changed     func(r *request, before, after T)
	removed     func(r *request, all []T)
}

// An object is what pages need of a user or a group.
type object struct {
	ID, Version uint64
	Name        string
	URL         string
}

// tools are the links on an object's page that this operator may use.
type tools struct {
	Noun, URL                         string
	Change, History, Password, Delete bool
	Unlock                            bool // clear failed sign-ins, if there are some
	Factors                           bool // reset the second factor
	SignOut                           bool // end sessions
	Data                              bool // export and erase
}

// at finds the object that the address names.
func (k *objectKind[T]) at(r *request) (T, object, error) {
	ids := append(numbers([]string{r.Params("id")}), 0) // no object has the id 0
	x, err := k.find(r.UserContext(), ids[0])
	if err != nil {
		return x, object{}, err
	}
	return x, k.named(x), nil
}

// selected finds the object that the address names, or those that are selected in
// the list, by the address or the form. Objects that are gone are only in ids.
func (k *objectKind[T]) selected(r *request) (all []T, ids []uint64, err error) {
	if r.Params("id") != "" {
		x, o, err := k.at(r)
		return []T{x}, []uint64{o.ID}, err
	}
	texts := r.fields("id")
	for _, value := range r.Context().QueryArgs().PeekMulti("id") {
		if r.Method() != "POST" {
			texts = append(texts, string(value))
		}
	}
	ids = numbers(texts)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for _, id := range ids {
		x, err := k.find(r.UserContext(), id)
		switch {
		case err == nil:
			all = append(all, x)
		case !errors.Is(err, account.ErrNotFound):
			return nil, nil, err
		}
	}
	return all, ids, nil
}

type historyPage struct {
	frame
	Of      string // the object's name
	Entries []entryView
	Older   string // address of the entries before these
	Newest  string // of the first page, from another one
}

// history answers GET /admin/users/<id>/history/. Operators who may see users may
// always read their own history.
func (k *objectKind[T]) history(r *request) error {
	x, o, err := k.at(r)
	if err != nil {
		return err
	}
	if !k.tools(r.user, x).History {
		return page.Status(fiber.StatusForbidden)
	}
	before := r.number("before")
	found, err := k.Accounts.History(r.UserContext(), k.kind, o.ID, before)
	if err != nil {
		return err
	}
	entries, err := k.entryViews(r, found.Entries)
	if err != nil {
		return err
	}
	p := &historyPage{frame: k.frame(r, "History", k.list, crumb{o.Name, o.URL}), Of: o.Name, Entries: entries}
	if found.Older > 0 {
		p.Older = o.URL + "history/?before=" + strconv.FormatUint(found.Older, 10)
	}
	if before > 0 {
		p.Newest = o.URL + "history/"
	}
	return k.render(r, "history", p)
}
