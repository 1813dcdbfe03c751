package listen

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
)

// longestPath is the longest path of a socket in bytes, without the NUL.
const longestPath = len(syscall.RawSockaddrUnix{}.Path) - 1

// socket is the listener of a Unix socket that removes the socket when it closes, unless
// another one has taken its name.
type socket struct {
	net.Listener
	path string
	made fs.FileInfo
	once sync.Once
}

// Addr returns the path of the socket.
func (s *socket) Addr() net.Addr { return &net.UnixAddr{Name: s.path, Net: "unix"} }

// Close removes the socket and stops listening. Clients that connect later find no
// socket, and not one that does not answer.
func (s *socket) Close() error {
	s.once.Do(func() {
		if now, err := os.Lstat(s.path); err == nil && os.SameFile(now, s.made) {
			_ = os.Remove(s.path) // if it stays, the next start replaces it
		}
	})
	return s.Listener.Close()
}

// listenUnix listens on a socket that it creates. It replaces the socket of a dead
// server, and fails if one answers there.
func listenUnix(path string, mode fs.FileMode) (net.Listener, error) {
	if inUse(path) {
		return nil, errors.New("another server answers on this socket; stop it")
	}
	ln, err := Replace(path, mode, "."+filepath.Base(path)+"-")
	if err != nil {
		return nil, err
	}
	made, err := os.Lstat(path)
	if err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return &socket{Listener: ln, path: path, made: made}, nil
}

// inUse reports whether a server listens on the socket, or may do so: only a connection
// that is refused proves that none does.
func inUse(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Type() != fs.ModeSocket {
		return false // Replace reports what it is
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		return !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, fs.ErrNotExist) && runtime.GOOS != "windows"
	}
	_ = conn.Close()
	return true
}

// Replace creates a socket with this mode and replaces an existing one, which belongs to
// a dead server. It leaves anything else and fails. It binds the socket in a folder that
// only its owner may enter, whose name begins with temp, and renames it, so the socket
// has its mode from the first instant. Closing the listener leaves the socket.
func Replace(path string, mode fs.FileMode, temp string) (net.Listener, error) {
	info, err := os.Lstat(path)
	if err == nil && info.Mode().Type() != fs.ModeSocket && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("%q is not a socket; move it away", path)
	}
	private, err := os.MkdirTemp(filepath.Dir(path), temp) // with mode 0700
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(private) }()
	ln, err := bind(private)
	if err != nil {
		return nil, err
	}
	made := filepath.Join(private, "s")
	if err = os.Chmod(made, mode); err == nil || runtime.GOOS == "windows" {
		err = os.Rename(made, path)
	}
	if err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return ln, nil
}

// bind creates the socket "s" in a folder.
func bind(private string) (net.Listener, error) {
	short, release, err := Shorten(private, "s")
	if err != nil {
		return nil, err
	}
	defer release()
	ln, err := net.Listen("unix", short)
	if err != nil {
		return nil, err
	}
	ln.(*net.UnixListener).SetUnlinkOnClose(false) // the name is another one by then
	return ln, nil
}

// Shorten returns a path to a name in a folder that is short enough for a socket. It is
// valid until release. Only Linux can shorten a long path; elsewhere it is an error.
func Shorten(dir, name string) (path string, release func(), err error) {
	if path = filepath.Join(dir, name); len(path) <= longestPath {
		return path, func() {}, nil
	}
	if runtime.GOOS != "linux" {
		return "", nil, fmt.Errorf("path of the socket %q has %d bytes, and this system allows %d", path, len(path), longestPath)
	}
	folder, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), name), func() { _ = folder.Close() }, nil
}
