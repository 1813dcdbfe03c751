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

// uploadFile begins the names of the files in which a sent database waits.
const uploadFile = ".import-"

// ImportDjango is the command "import-django". It adds users and groups. Errors:
// account.ErrNotSQLite, account.ErrUnfinished, account.ErrNotDjango.
var ImportDjango = Operation[DjangoFile, account.DjangoReport]{
	path: "/v1/users/import-django", need: Need{Accounts: true, Create: true}, permission: account.AddUser,
	check: DjangoFile.check,
	do: func(on Stores, by account.Actor, f DjangoFile) (account.DjangoReport, error) {
		report, err := on.Accounts.ImportDjango(by, f.Path)
		if err != nil {
			err = f.named(err)
		}
		return report, err
	},
}

// A DjangoFile is a SQLite file with Django's users.
type DjangoFile struct {
	Path string
	name string // what its sender calls it; "" is Path
}

// named is an error about the file, quoted or not, with the name that its sender
// knows.
func (f DjangoFile) named(err error) error {
	if f.name == "" {
		return err
	}
	names := strings.NewReplacer(strconv.Quote(f.Path), strconv.Quote(f.name), f.Path, f.name)
	return &reworded{names.Replace(err.Error()), err}
}

// check has the same words for both ways. Opening a pipe would wait.
func (f DjangoFile) check() error {
	if info, err := os.Stat(f.Path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%q is not a file", f.Path)
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	return file.Close()
}

// upload sends the content of the file: a server in a sandbox may not see it.
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

// atEnd is a reader without content. Its error breaks off the upload before it.
type atEnd func() error

func (end atEnd) Read([]byte) (int, error) {
	if err := end(); err != nil {
		return 0, err
	}
	return 0, io.EOF
}

// discard removes what was sent; if it cannot, the next start does.
func (s *Server) discard(path string) {
	if err := os.Remove(path); err != nil {
		s.log.Error("a file that was sent is left in the data folder", slog.String("path", path), slog.Any("error", err))
	}
}

// keep writes what is sent, with its password hashes, into the data folder. The time
// to answer begins when the file is there.
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
