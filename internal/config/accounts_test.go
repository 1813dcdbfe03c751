package config_test

import (
	"os"
	"strings"
	"testing"
)

func TestLoad_Accounts(t *testing.T) {
	for url, shown := range map[string]string{
		"":                   "",
		"postgres://host/db": "postgres://host/db",
		"postgresql://me@host:5433/db?sslmode=verify-full": "postgresql://me@host:5433/db?sslmode=verify-full",
		"postgres:///db?host=/run/postgresql":              "postgres:///db?host=/run/postgresql",
		"postgres://me:secret@host/db":                     "postgres://me@host/db",
		"postgres://me:s%40%2Fcret@one:5432,two:5433/db":   "postgres://me@one:5432,two:5433/db",
		"postgres://host/db?password=secret&user=me":       "postgres://host/db?user=me",
		"postgres://host/db?pass%77ord=secret":             "postgres://host/db",
		"postgres://host/db?sslpassword=secret":            "postgres://host/db",
	} {
		for name, environ := range map[string][]string{
			"the environment": {"PAGESESSION_ACCOUNTS=" + url},
			"a file":          {"PAGESESSION_ACCOUNTS_FILE=" + write(t, url+"\n")},
		} {
			if url == "" && name == "a file" {
				continue // an empty file is a mistake
			}
			l, err := loadFor(t, "serve", nil, environ)
			if err != nil || l.Accounts != url || valueOf(t, l, "accounts").Value != shown {
				t.Errorf("Load(%q in %s) = %+v, %v; want it, shown as %q", url, name, l, err, shown)
			}
		}
	}
}

func TestLoad_AccountsMistakes(t *testing.T) {
	const cure = "is not a URL of PostgreSQL; use for example postgres://me@host/database, or leave it empty for a file in the data folder"
	wantMistakes(t, []string{"--accounts=mysql://host/db"}, nil, `--accounts="mysql://host/db" `+cure)
	wantMistakes(t, nil, []string{"PAGESESSION_ACCOUNTS=accounts.sqlite"}, `PAGESESSION_ACCOUNTS="accounts.sqlite" `+cure)
	for _, secret := range []string{"host=x password=open", "mysql://me:open@host/db", "host=x password = 'open'"} {
		wantMistakes(t, nil, []string{"PAGESESSION_ACCOUNTS=" + secret}, "PAGESESSION_ACCOUNTS "+cure)
	}
	const flag = "--accounts has a password, and other users of this machine can read the command line; set PAGESESSION_ACCOUNTS in the environment or the settings file instead, or PGPASSWORD"
	for _, url := range []string{
		"postgres://me:secret@host/db", "postgresql://host/db?password=secret", "postgres://host/db?pass%77ord=secret",
		"postgres://host/db?sslpassword=secret", "host=x password=secret",
	} {
		wantMistakes(t, []string{"--accounts=" + url}, nil, flag)
	}
	file := write(t, "postgres://host/db")
	wantMistakes(t, nil, []string{"PAGESESSION_ACCOUNTS=postgres://one/db", "PAGESESSION_ACCOUNTS_FILE=" + file},
		`PAGESESSION_ACCOUNTS="postgres://one/db" and PAGESESSION_ACCOUNTS_FILE="`+file+`" are both set; keep one of them`)
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := loadFor(t, "serve", nil, []string{"PAGESESSION_ACCOUNTS_FILE=" + file})
	if err != nil || !strings.Contains(strings.Join(l.Warnings, ""), "other users can read") {
		t.Errorf("a file of mode 0644: %v, %v; want a warning", l, err)
	}
}
