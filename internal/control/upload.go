package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"
)

// uploadFile begins the names of the files that hold a received database or backup.
const uploadFile = ".import-"

// A fileToSend is a request that is a file. It is sent with its content, because a server in a sandbox
// may be unable to open it.
type fileToSend interface {
	path() string
	called() string // its name in messages
	// watch returns a check that the file has not changed since, for the end of the content.
	watch() (still func() error, err error)
}

// A fileReceived is such a request on the server.
type fileReceived interface {
	// kept names the file that has the content, and says what the sender calls it.
	kept(path, name string)
}

// upload sends the content of a file.
func upload(ctx context.Context, conn net.Conn, path, actor string, file fileToSend, result any) error {
	still, err := file.watch()
	if err != nil {
		return err
	}
	content, err := os.Open(file.path())
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	query := url.Values{"actor": {actor}, "path": {file.called()}}
	return post(ctx, conn, path+"?"+query.Encode(), io.MultiReader(content, atEnd(still)), result)
}

// checkFile runs before the search for a server, so its errors are the same both ways. It
// looks for a regular file first, because opening a pipe would block.
func checkFile(path, do string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%q is not a regular file; %s", path, do)
	}
	file, err := os.Open(path)
	if of := (*fs.PathError)(nil); errors.As(err, &of) {
		return fmt.Errorf("%q cannot be read: %w; %s", path, of.Err, do)
	}
	if err != nil {
		return err
	}
	return file.Close()
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
