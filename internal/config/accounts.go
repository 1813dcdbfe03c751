package config

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// accounts is the setting of the operators' database. PostgreSQL's own variables may have
// its password.
const accounts = "accounts"

// parseAccounts accepts "" and URLs of PostgreSQL. The driver checks the rest of the URL
// when it opens the database, because it also knows PostgreSQL's own variables and files.
func parseAccounts(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", errors.New("is not a URL of PostgreSQL; use for example postgres://me@host/database, or leave it empty for a file in the data folder")
	}
	return s, nil
}

// CheckTarget checks a command's flag that names a PostgreSQL database or, as
// sqlite:FILE, a SQLite file. It refuses a password, because other users of the machine
// can read the command line. The error is one line that says what to do.
func CheckTarget(flag, value string) error {
	if holdsPassword(value) {
		return fmt.Errorf("%s has a password, and other users of this machine can read the command line; set PGPASSWORD or PGPASSFILE instead", flag)
	}
	if _, err := parseAccounts(value); value == "" || err != nil && !strings.HasPrefix(value, SQLiteScheme) {
		return fmt.Errorf("%s=%s is not a database; use postgres://me@host/database, %s for the file in the data folder, or %sFILE", flag, quote(value), SQLiteScheme, SQLiteScheme)
	}
	return nil
}

// SQLiteScheme begins the name of a SQLite file in CheckTarget.
const SQLiteScheme = "sqlite:"

// withoutPassword returns the URL as messages and lists show it.
func withoutPassword(s string) string {
	u, err := url.Parse(s)
	if err != nil || !holdsPassword(s) {
		return s
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	q := u.Query()
	for name := range q {
		if strings.Contains(strings.ToLower(name), "password") {
			q.Del(name)
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}
