package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"pagesession/internal/account"
)

// uploadFile begins the names of the files that hold a received database.
const uploadFile = ".import-"

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

// check runs before the search for a server, so its errors are the same both ways. It
// looks for a regular file first, because opening a pipe would block.
func (f DjangoFile) check() error {
	if info, err := os.Stat(f.Path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%q is not a regular file; give the project's db.sqlite3", f.Path)
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	return file.Close()
}

// upload sends the content of the file, because a server in a sandbox may be unable to
// open it.
func (f DjangoFile) upload(ctx context.Context, conn net.Conn, path, actor string, report any) error {
	still, err := account.WatchDjango(f.Path)
	if err != nil {
		return err
	}
	content, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	query := url.Values{"actor": {actor}, "path": {f.Path}}
	return post(ctx, conn, path+"?"+query.Encode(), io.MultiReader(content, atEnd(still)), report)
}

// atEnd is an empty reader that calls a check. An error aborts the upload.
type atEnd func() error

func (end atEnd) Read([]byte) (int, error) {
	if err := end(); err != nil {
		return 0, err
	}
	return 0, io.EOF
}

// discard removes a received file. If that fails, the next start removes it.
func (s *Server) discard(path string) {
	if err := os.Remove(path); err != nil {
		s.log.Error("imported file could not be removed; it has password hashes, so remove it", slog.String("file", path), slog.Any("error", err))
	}
}

// keep writes the received file to the data folder, which keeps its password hashes
// private. The time limit of the answer starts when the file is complete.
func (s *Server) keep(w http.ResponseWriter, r *http.Request) (path string, err error) {
	limits := http.NewResponseController(w)
	if err := limits.SetReadDeadline(time.Now().Add(answerTime)); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(s.dir, uploadFile+"*") // with mode 0600
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, http.MaxBytesReader(w, r.Body, maxUpload))
	if err = errors.Join(err, f.Close(), limits.SetWriteDeadline(time.Now().Add(answerTime))); err != nil {
		return "", errors.Join(fmt.Errorf("%w: %w", ErrRequest, err), os.Remove(f.Name()))
	}
	return f.Name(), nil
}
