// Package listen reads the addresses that the server listens on, and listens there: host
// and port, or a Unix socket.
package listen

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"pagesession/internal/hosts"
)

// An Address is a place to listen on.
type Address struct {
	HostPort string      // for TCP; "" for a Unix socket
	Path     string      // of a Unix socket
	Mode     fs.FileMode // of a Unix socket
}

// scheme begins the address of a Unix socket.
const scheme = "unix:"

// socketMode lets only the server's user connect. A peer on a socket has no address, and
// may be a proxy whose headers are believed, so more has to be asked for.
const socketMode fs.FileMode = 0o600

const example = "; use for example 127.0.0.1:8000"

// Parse reads host:port or unix:/path, maybe with ",mode=0660". An error completes the
// sentence `NAME="value" …` and says what to write instead.
func Parse(s string) (Address, error) {
	if path, ok := strings.CutPrefix(s, scheme); ok {
		return parseUnix(path)
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return Address{}, errors.New("is not host:port" + example)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return Address{}, errors.New("needs a port from 0 to 65535" + example)
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "" && !hosts.IsName(host) {
		return Address{}, errors.New("has an invalid host; use an IP address, a host name, or nothing for all interfaces, as in :8000")
	}
	return Address{HostPort: s}, nil
}

func parseUnix(s string) (Address, error) {
	path, octal, hasMode := strings.Cut(s, ",mode=")
	a := Address{Path: path, Mode: socketMode}
	if hasMode {
		mode, err := strconv.ParseUint(octal, 8, 32)
		if err != nil || mode&^0o777 != 0 || mode&0o600 != 0o600 {
			return Address{}, errors.New("has an invalid mode; use 0600 for this user, 0660 for the group as well, or 0666 for all")
		}
		a.Mode = fs.FileMode(mode)
	}
	if !filepath.IsAbs(path) || strings.ContainsAny(path, ",\x00") {
		return Address{}, errors.New("is not the absolute path of a socket; use for example unix:/run/pagesession/http.sock,mode=0660")
	}
	if len(path) > longestPath {
		return Address{}, fmt.Errorf("has a path of %d bytes, and this system allows %d for a socket; choose a shorter one", len(path), longestPath)
	}
	return a, nil
}

// IsUnix reports whether a is a Unix socket.
func (a Address) IsUnix() bool { return a.Path != "" }

// Listen listens on a. Keep-alive probes detect a vanished client after a minute, also
// during an answer that does not end. The listener of a Unix socket removes the socket
// when it closes. That of TCP is without Multipath TCP, for which Linux has no socket filter:
// a server that stops needs one (ADR 0050).
func (a Address) Listen() (net.Listener, error) {
	if a.IsUnix() {
		return listenUnix(a.Path, a.Mode)
	}
	config := net.ListenConfig{KeepAliveConfig: probes()}
	config.SetMultipathTCP(false)
	return config.Listen(context.Background(), "tcp", a.HostPort)
}

func probes() net.KeepAliveConfig {
	return net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 3}
}
