package control

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// uploadFile begins the names of the files in which a sent database waits.
const uploadFile = ".import-"

// importUpload does ImportDjango with the file that is sent. It is written into
// the data folder, where nobody else may read its password hashes, and removed
// after that.
func importUpload(s *Server, w http.ResponseWriter, r *http.Request) (_ any, err error) {
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
	defer func() { err = errors.Join(err, os.Remove(path)) }()
	report, err := l.ImportDjango(r.Context(), DjangoFile{path})
	if err != nil {
		return nil, &told{strings.ReplaceAll(err.Error(), path, query.Get("path")), err}
	}
	return report, nil
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
