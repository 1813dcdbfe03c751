package config

import (
	"errors"
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
