package listen

import (
	"os"

	"golang.org/x/sys/unix"
)

// isListening reports whether a file is a socket that listens. The error says why it is no
// socket at all.
func isListening(f *os.File) (listens bool, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return false, err
	}
	var value int
	var failed error
	if err := raw.Control(func(fd uintptr) {
		value, failed = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	}); err != nil {
		return false, err
	}
	return value != 0, failed
}
