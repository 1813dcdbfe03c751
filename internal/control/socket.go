package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"

	"pagesession/internal/backup"
	"pagesession/internal/listen"
)

// socketName is the socket's name in the data folder.
const socketName = "control.sock"

// socketPath returns the path of the socket on which the server of a data folder
// listens.
func socketPath(dir string) string { return filepath.Join(dir, socketName) }

// bindFolder begins the names of the folders in which the server binds sockets.
const bindFolder = ".control-"

// bind creates the socket of a data folder. The caller holds the locks of the files,
// so an existing socket belongs to a dead server, and bind replaces it.
func bind(dir string) (net.Listener, error) {
	if err := tidy(dir); err != nil {
		return nil, err
	}
	ln, err := listen.Replace(socketPath(dir), 0o600, bindFolder)
	if err != nil && runtime.GOOS != "linux" {
		return nil, fmt.Errorf("%w; if its path is too long, choose a shorter --data-dir", err)
	}
	return ln, err
}

// tidy removes the unfinished sockets and backups and the received files of a killed server.
func tidy(dir string) error {
	for _, pattern := range []string{bindFolder + "*", uploadFile + "*", backup.TempPrefix + "*"} {
		left, err := fs.Glob(os.DirFS(dir), pattern)
		if err != nil {
			return err
		}
		for _, name := range left {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// IsServed reports whether a server answers on the socket of a data folder. One that starts, or
// whose disk is full, has none.
func IsServed(dir string) bool {
	conn, err := dial(dir)
	if err != nil {
		return !errors.Is(err, errNoServer) // the socket is another user's
	}
	_ = conn.Close() // it was only asked whether it opens
	return true
}

// dial connects to the socket of a data folder. The error is errNoServer, or that the
// user may not connect.
func dial(dir string) (net.Conn, error) {
	short, release, err := listen.Shorten(dir, socketName)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoServer, err)
	}
	defer release()
	conn, err := net.Dial("unix", short)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("connect to the server: %w; run this command as the server's user or as root", err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoServer, err)
	}
	return conn, nil
}
