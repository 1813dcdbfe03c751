package health

import (
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/disk"
	"pagesession/storage"
)

// Unavailable is the state of accounts, or of a session server, that cannot be used. They
// have no other state besides the normal one.
const Unavailable = "unavailable"

// Accounts returns the words for the accounts. path is their file; "" means a PostgreSQL
// database. since and err are those of account.Store.Health.
func Accounts(path string, since time.Time, err error) File {
	f := File{Name: filepath.Base(path), Path: path, State: storage.FileOK.String()}
	if path == "" {
		f.Name, f.Path = "accounts database", "PostgreSQL"
	}
	if err == nil {
		return f
	}
	f.State, f.Since, f.Cause = Unavailable, since, err.Error()
	f.Works = "Visitors are served as usual, and operators who are signed in stay signed in."
	f.Refused = "The console answers with 503, and commands that need the accounts fail."
	f.Do = accountsCure(path, f.Name, err) + " The server tries again each second."
	return f
}

// accountsCure returns what the operator does.
func accountsCure(path, name string, err error) string {
	switch {
	case path == "":
		return "Check that the PostgreSQL server runs, that this machine reaches it, and that it accepts the user and the password."
	case errors.Is(err, account.ErrDamaged):
		return "Restore a backup as " + name + ", or move the damaged file and accounts.db to another folder to begin with new operators."
	case errors.Is(err, account.ErrInUse):
		return "Stop the other process that uses " + name + "."
	case disk.IsFull(err), errors.Is(err, account.ErrFull):
		return "Free space on the disk that has " + name + "."
	case errors.Is(err, fs.ErrPermission):
		return "Give " + name + " and its folder to the server’s user."
	case errors.Is(err, fs.ErrNotExist):
		return "Bring back the disk or the folder that had " + name + ", or restore a backup."
	default:
		return "Check the disk that has " + name + ", and replace it if it fails."
	}
}
