package console

import "pagesession/internal/account"

// A Route is a row of the table, for tests that go through all of them.
type Route struct {
	Path      string
	Get, Post bool
	Public    bool
	Admits    func(account.User) bool
}

// Routes is the table.
func Routes() []Route {
	var all []Route
	for _, at := range (&console{Config: Config{Accounts: (*account.Store)(nil)}}).table() {
		all = append(all, Route{at.path, at.do.Get != nil, at.do.Post != nil, at.public, at.access.admits})
	}
	return all
}
