package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
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

// ImportDjango sends the file: a server in a sandbox may not see it.
func (r remote) ImportDjango(ctx context.Context, file DjangoFile) (report account.DjangoReport, err error) {
	still, err := account.WatchDjango(file.Path)
	if err != nil {
		return report, err
	}
	f, err := os.Open(file.Path)
	if err != nil {
		return report, err
	}
	defer func() { _ = f.Close() }()
	query := url.Values{"actor": {r.actor}, "path": {file.Path}}
	err = r.post(ctx, pathImportDjango+"?"+query.Encode(), io.MultiReader(f, atEnd(still)), &report)
	return report, err
}

// atEnd is a reader without content: it says why what was read before it is not
// to be taken. If it does, what is sent never comes to its end, and is not
// imported.
type atEnd func() error

func (end atEnd) Read([]byte) (int, error) {
	if err := end(); err != nil {
		return 0, err
	}
	return 0, io.EOF
}

// importUpload does ImportDjango with the file that is sent. It is written into
// the data folder, where nobody else may read its password hashes, and removed
// after that.
func importUpload(s *Server, w http.ResponseWriter, r *http.Request) (any, error) {
	query := r.URL.Query()
	l, err := s.local(query.Get("actor"))
	if err != nil {
		return nil, err
	}
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(answerTime)); err != nil {
		return nil, err
	}
	path, err := s.keep(http.MaxBytesReader(w, r.Body, maxUpload))
	if err != nil {
		return nil, err
	}
	defer s.discard(path)
	report, err := l.ImportDjango(r.Context(), DjangoFile{path})
	if err != nil {
		return nil, &told{renamed(err.Error(), path, query.Get("path")), err}
	}
	return report, nil
}

// discard removes what was sent. The import is done or not whatever comes of
// it; the next start removes the file.
func (s *Server) discard(path string) {
	if err := os.Remove(path); err != nil {
		s.log.Error("a file that was sent is left in the data folder", slog.String("path", path), slog.Any("error", err))
	}
}

// renamed is a message about the file that was sent, quoted or not, with the
// name that it had.
func renamed(message, from, to string) string {
	return strings.NewReplacer(strconv.Quote(from), strconv.Quote(to), from, to).Replace(message)
}

// keep writes what is sent to a file.
func (s *Server) keep(body io.Reader) (path string, err error) {
	f, err := os.CreateTemp(s.dir, uploadFile+"*") // with mode 0600
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, body)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("%w: %w", ErrRequest, err), os.Remove(f.Name()))
	}
	return f.Name(), nil
}
