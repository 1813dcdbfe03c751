package console_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/console"
	"pagesession/internal/health"
)

// troubled are real accounts whose database goes away after some calls.
type troubled struct {
	console.Accounts
	mu     sync.Mutex // protects what follows
	left   int        // calls before it goes; below 0: it stays
	once   bool       // only one call fails
	failed int        // calls that failed
}

// breakAfter lets the database go away after n more calls, for good or for one call. It
// counts from there.
func (a *troubled) breakAfter(n int, once bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left, a.once, a.failed = n, once, 0
}

// mend brings the database back, and returns how many calls had failed.
func (a *troubled) mend() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left = -1
	return a.failed
}

// errAway is the error while the database is away. No page may show where it is.
var errAway = fmt.Errorf("%w: open /secret/accounts.sqlite: refused", account.ErrUnavailable)

func (a *troubled) fails() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.left > 0 {
		a.left--
		return nil
	}
	if a.left < 0 {
		return nil
	}
	a.failed++
	if a.once {
		a.left = -1
	}
	return errAway
}

// files has the accounts as the server's own list of files has them.
func (a *troubled) files() []health.File {
	a.mu.Lock()
	defer a.mu.Unlock()
	var err error
	if a.left == 0 {
		err = errAway
	}
	return []health.File{health.Accounts("/secret/accounts.sqlite", time.Date(2026, 11, 28, 20, 15, 0, 0, time.UTC), err)}
}

func ask[T any](a *troubled, do func() (T, error)) (found T, err error) {
	if err = a.fails(); err != nil {
		return found, err
	}
	return do()
}

func (a *troubled) done(do func() error) error {
	if err := a.fails(); err != nil {
		return err
	}
	return do()
}

func (a *troubled) May(ctx context.Context, by account.Actor, p account.Permission) error {
	return a.done(func() error { return a.Accounts.May(ctx, by, p) })
}

func (a *troubled) Audit(ctx context.Context, by account.Actor, events ...account.Event) error {
	return a.done(func() error { return a.Accounts.Audit(ctx, by, events...) })
}

func (a *troubled) User(ctx context.Context, id uint64) (account.User, error) {
	return ask(a, func() (account.User, error) { return a.Accounts.User(ctx, id) })
}

func (a *troubled) UserByName(ctx context.Context, name string) (account.User, error) {
	return ask(a, func() (account.User, error) { return a.Accounts.UserByName(ctx, name) })
}

func (a *troubled) Users(ctx context.Context, q account.UserQuery) (account.UserPage, error) {
	return ask(a, func() (account.UserPage, error) { return a.Accounts.Users(ctx, q) })
}

func (a *troubled) Groups(ctx context.Context, q account.GroupQuery) (account.GroupPage, error) {
	return ask(a, func() (account.GroupPage, error) { return a.Accounts.Groups(ctx, q) })
}

func (a *troubled) CreateUser(ctx context.Context, by account.Actor, u account.User, password string) (account.User, error) {
	return ask(a, func() (account.User, error) { return a.Accounts.CreateUser(ctx, by, u, password) })
}

func (a *troubled) SetPassword(ctx context.Context, by account.Actor, id uint64, password string) (account.User, error) {
	return ask(a, func() (account.User, error) { return a.Accounts.SetPassword(ctx, by, id, password) })
}

func (a *troubled) Valid(ctx context.Context, id, epoch uint64) (u account.User, ok bool, err error) {
	if err = a.fails(); err != nil {
		return u, false, err
	}
	return a.Accounts.Valid(ctx, id, epoch)
}

func (a *troubled) HasSuperuser(ctx context.Context) (bool, error) {
	return ask(a, func() (bool, error) { return a.Accounts.HasSuperuser(ctx) })
}

func (a *troubled) FirstRun(ctx context.Context) (bool, error) {
	return ask(a, func() (bool, error) { return a.Accounts.FirstRun(ctx) })
}

func (a *troubled) Authenticate(ctx context.Context, c account.Credentials) (account.User, error) {
	return ask(a, func() (account.User, error) { return a.Accounts.Authenticate(ctx, c) })
}

func (a *troubled) CreateFirstSuperuser(ctx context.Context, by account.Actor, u account.User, password string) (account.User, error) {
	return ask(a, func() (account.User, error) { return a.Accounts.CreateFirstSuperuser(ctx, by, u, password) })
}

func (a *troubled) SignOut(ctx context.Context, by account.Actor, id uint64) (account.User, error) {
	return ask(a, func() (account.User, error) { return a.Accounts.SignOut(ctx, by, id) })
}

func (a *troubled) Confirm(ctx context.Context, by account.Actor, on account.Device, password string) (account.Actor, error) {
	return ask(a, func() (account.Actor, error) { return a.Accounts.Confirm(ctx, by, on, password) })
}

func (a *troubled) ChangeOwnPassword(ctx context.Context, by account.Actor, password string) (account.User, error) {
	return ask(a, func() (account.User, error) { return a.Accounts.ChangeOwnPassword(ctx, by, password) })
}

func (a *troubled) UpdateUser(ctx context.Context, by account.Actor, u account.User) (account.User, error) {
	return ask(a, func() (account.User, error) { return a.Accounts.UpdateUser(ctx, by, u) })
}

func (a *troubled) DeleteUsers(ctx context.Context, by account.Actor, ids ...uint64) error {
	return a.done(func() error { return a.Accounts.DeleteUsers(ctx, by, ids...) })
}

func (a *troubled) Group(ctx context.Context, id uint64) (account.Group, error) {
	return ask(a, func() (account.Group, error) { return a.Accounts.Group(ctx, id) })
}

func (a *troubled) GroupByName(ctx context.Context, name string) (account.Group, error) {
	return ask(a, func() (account.Group, error) { return a.Accounts.GroupByName(ctx, name) })
}

func (a *troubled) CreateGroup(ctx context.Context, by account.Actor, g account.Group) (account.Group, error) {
	return ask(a, func() (account.Group, error) { return a.Accounts.CreateGroup(ctx, by, g) })
}

func (a *troubled) UpdateGroup(ctx context.Context, by account.Actor, g account.Group) (account.Group, error) {
	return ask(a, func() (account.Group, error) { return a.Accounts.UpdateGroup(ctx, by, g) })
}

func (a *troubled) DeleteGroups(ctx context.Context, by account.Actor, ids ...uint64) error {
	return a.done(func() error { return a.Accounts.DeleteGroups(ctx, by, ids...) })
}

func (a *troubled) Entries(ctx context.Context, q account.EntryQuery) (account.EntryPage, error) {
	return ask(a, func() (account.EntryPage, error) { return a.Accounts.Entries(ctx, q) })
}

func (a *troubled) History(ctx context.Context, kind account.Kind, id, before uint64) (account.EntryPage, error) {
	return ask(a, func() (account.EntryPage, error) { return a.Accounts.History(ctx, kind, id, before) })
}

func (a *troubled) Recent(ctx context.Context, userID uint64, n int) ([]account.Entry, error) {
	return ask(a, func() ([]account.Entry, error) { return a.Accounts.Recent(ctx, userID, n) })
}
