package control

import (
	"context"
	"fmt"

	"pagesession/internal/account"
)

func (l Local) CreateSuperuser(_ context.Context, n NewSuperuser) (User, error) {
	u := account.User{Username: n.Username, Email: n.Email, Active: true, Staff: true, Superuser: true}
	return l.shown(l.Accounts.CreateUser(l.actor(), u, string(n.Password)))
}

func (l Local) SetPassword(_ context.Context, n NewPassword) (User, error) {
	u, err := l.find(n.Username)
	if err != nil {
		return User{}, err
	}
	return l.shown(l.Accounts.SetPassword(l.actor(), u.ID, string(n.Password)))
}

func (l Local) User(_ context.Context, n Username) (User, error) {
	return l.shown(l.find(n.Username))
}

func (l Local) Users(_ context.Context, q UserQuery) (UserList, error) {
	names := l.groupNames()
	list := UserList{Users: []User{}}
	for _, u := range l.Accounts.Users(account.UserQuery{Search: q.Search}).Users {
		list.Users = append(list.Users, userOf(u, names))
	}
	return list, nil
}

func (l Local) SetActive(_ context.Context, a Activation) (User, error) {
	u, err := l.find(a.Username)
	if err != nil {
		return User{}, err
	}
	return l.shown(l.Accounts.SetActive(l.actor(), u.ID, a.Active))
}

func (l Local) ImportDjango(_ context.Context, f DjangoFile) (account.DjangoReport, error) {
	report, err := l.Accounts.ImportDjango(l.actor(), f.Path)
	if err != nil {
		return account.DjangoReport{}, err
	}
	// No list is null in JSON.
	report.Users = append([]string{}, report.Users...)
	report.Groups = append([]string{}, report.Groups...)
	report.Skipped = append([]account.Skipped{}, report.Skipped...)
	return report, nil
}

// find is UserByName with an error that names him.
func (l Local) find(username string) (account.User, error) {
	u, err := l.Accounts.UserByName(username)
	if err != nil {
		return account.User{}, fmt.Errorf("user %q: %w", username, err)
	}
	return u, nil
}

// shown passes a store's answer on as what is printed.
func (l Local) shown(u account.User, err error) (User, error) {
	if err != nil {
		return User{}, err
	}
	return userOf(u, l.groupNames()), nil
}

// groupNames returns a function that knows the groups' names as they are now.
func (l Local) groupNames() func(uint64) string {
	names := make(map[uint64]string)
	for _, g := range l.Accounts.Groups(account.GroupQuery{}).Groups {
		names[g.ID] = g.Name
	}
	return func(id uint64) string { return names[id] }
}
