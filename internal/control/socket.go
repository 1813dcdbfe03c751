package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// socketName is the socket's name in the data folder.
const socketName = "control.sock"

// socketPath returns the path of the socket on which the server of a data folder
// listens.
func socketPath(dir string) string { return filepath.Join(dir, socketName) }

// bindFolder begins the names of the folders in which the server binds sockets.
const bindFolder = ".control-"

// longestPath is the longest path of a socket in bytes, without the NUL.
const longestPath = len(syscall.RawSockaddrUnix{}.Path) - 1

// listen creates the socket of a data folder. The caller holds the locks of the files,
// so an existing socket belongs to a dead server, and listen replaces it.
func listen(dir string) (net.Listener, error) {
	path := socketPath(dir)
	info, err := os.Lstat(path)
	if err == nil && info.Mode().Type() != fs.ModeSocket && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("%q is not a socket; move it away", path)
	}
	if err := tidy(dir); err != nil {
		return nil, err
	}
	private, err := os.MkdirTemp(dir, bindFolder) // with mode 0700
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(private) }()
	ln, err := bind(private)
	if err != nil {
		return nil, err
	}
	made := filepath.Join(private, "s")
	if err = os.Chmod(made, 0o600); err == nil || runtime.GOOS == "windows" {
		err = os.Rename(made, path)
	}
	if err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return ln, nil
}

// bind creates a socket in a folder that only its owner may enter.
func bind(private string) (net.Listener, error) {
	short, release, err := shorten(private, "s")
	if err != nil {
		return nil, err
	}
	defer release()
	ln, err := net.Listen("unix", short)
	if err != nil {
		return nil, err
	}
	// listen renames the socket, and Shutdown removes it by its new name.
	ln.(*net.UnixListener).SetUnlinkOnClose(false)
	return ln, nil
}

// tidy removes the unfinished sockets and received files of a killed server.
func tidy(dir string) error {
	for _, pattern := range []string{bindFolder + "*", uploadFile + "*"} {
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

// dial connects to the socket of a data folder. The error is errNoServer, or that the
// user may not connect.
func dial(dir string) (net.Conn, error) {
	short, release, err := shorten(dir, socketName)
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

// shorten returns a path to a name in a folder that is short enough for a socket. It is
// valid until release. Only Linux can shorten a long path; elsewhere it is an error.
func shorten(dir, name string) (path string, release func(), err error) {
	if path = filepath.Join(dir, name); len(path) <= longestPath {
		return path, func() {}, nil
	}
	if runtime.GOOS != "linux" {
		return "", nil, fmt.Errorf("path of the control socket %q has %d bytes, and this system allows %d; choose a shorter --data-dir",
			path, len(path), longestPath)
	}
	folder, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), name), func() { _ = folder.Close() }, nil
}
