package control

import (
	"context"
	"strconv"
	"strings"

	"pagesession/internal/account"
)

// ImportDjango is the command "import-django". It adds users and groups. Errors:
// account.ErrNotSQLite, account.ErrUnfinished, account.ErrNotDjango.
var ImportDjango = Operation[DjangoFile, account.DjangoReport]{
	path: "/v1/users/import-django", need: Need{Accounts: true, Create: true}, permission: account.AddUser,
	check: DjangoFile.check,
	do: func(ctx context.Context, on Stores, by account.Actor, f DjangoFile) (account.DjangoReport, error) {
		report, err := on.Accounts.ImportDjango(ctx, by, f.Path)
		if err != nil {
			err = f.named(err)
		}
		return report, err
	},
}

// A DjangoFile is a SQLite file with Django's users.
type DjangoFile struct {
	Path string
	name string // the sender's name for it; "" means Path
}

// named returns err with the sender's name of the file in place of the path, quoted or
// not.
func (f DjangoFile) named(err error) error {
	if f.name == "" {
		return err
	}
	names := strings.NewReplacer(strconv.Quote(f.Path), strconv.Quote(f.name), f.Path, f.name)
	return &reworded{names.Replace(err.Error()), err}
}

func (f DjangoFile) check() error { return checkFile(f.Path, "give the project's db.sqlite3") }

func (f DjangoFile) path() string { return f.Path }

func (f DjangoFile) called() string { return f.Path }

func (f DjangoFile) watch() (func() error, error) { return account.WatchDjango(f.Path) }

func (f *DjangoFile) kept(path, name string) { f.Path, f.name = path, name }
