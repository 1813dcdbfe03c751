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

// socketPath is where the server of a data folder listens for commands.
func socketPath(dir string) string { return filepath.Join(dir, socketName) }

// bindFolder begins the names of the folders in which sockets are bound.
const bindFolder = ".control-"

// longestPath is what a socket's address has room for, without the NUL.
const longestPath = len(syscall.RawSockaddrUnix{}.Path) - 1

// listen makes the socket of a data folder. The caller holds the locks of its
// files, so a socket that is there is dead and is replaced.
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

// bind makes a socket in a folder that only its owner may enter.
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
	// It gets another name, and Shutdown removes it.
	ln.(*net.UnixListener).SetUnlinkOnClose(false)
	return ln, nil
}

// tidy removes what a killed server left: half-made sockets, half-sent files.
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

// dial connects to the socket of a data folder. The error is errNoServer unless
// a server listens there, or may.
func dial(dir string) (net.Conn, error) {
	short, release, err := shorten(dir, socketName)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoServer, err)
	}
	defer release()
	conn, err := net.Dial("unix", short)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("connect to the server: %w; run this as the user that serves, or as root", err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoServer, err)
	}
	return conn, nil
}

// shorten returns a path to a name in a folder that a socket's address has room
// for, good until release. Systems other than Linux have none for a long path.
func shorten(dir, name string) (path string, release func(), err error) {
	if path = filepath.Join(dir, name); len(path) <= longestPath {
		return path, func() {}, nil
	}
	if runtime.GOOS != "linux" {
		return "", nil, fmt.Errorf("the path of the control socket has %d bytes, and this system allows %d; choose a shorter --data-dir: %q",
			len(path), longestPath, path)
	}
	folder, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), name), func() { _ = folder.Close() }, nil
}
