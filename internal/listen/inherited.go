package listen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"
)

// Inherited is the listener of a socket that another process has made, and keeps open. After
// Close clients still connect, and wait for the next process that accepts them.
type Inherited struct{ net.Listener }

// Inherit returns the listener of an open file and closes the file. An error completes the
// sentence "the socket …".
func Inherit(f *os.File) (Inherited, error) {
	defer f.Close()
	if listens, err := isListening(f); err != nil {
		return Inherited{}, fmt.Errorf("is not a listening socket: %w", err)
	} else if !listens {
		return Inherited{}, errors.New("is not a listening socket")
	}
	ln, err := net.FileListener(f)
	if err != nil {
		return Inherited{}, fmt.Errorf("cannot be used: %w", err)
	}
	if network := ln.Addr().Network(); network != "tcp" && network != "unix" {
		_ = ln.Close()
		return Inherited{}, fmt.Errorf("is one of %s; use a TCP or a Unix stream socket", network)
	}
	return Inherited{ln}, nil
}

// Accept returns the next connection, with the probes that those of Listen have.
func (i Inherited) Accept() (net.Conn, error) {
	c, err := i.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetKeepAliveConfig(probes()) // it fails only if the client has gone
	}
	return c, err
}

// SetDeadline ends Accept at a time.
func (i Inherited) SetDeadline(t time.Time) error {
	return i.Listener.(interface{ SetDeadline(time.Time) error }).SetDeadline(t)
}

// StaysOpen says that the socket outlives Close.
func (Inherited) StaysOpen() bool { return true }

// CheckMode returns an error if more users may connect to an existing Unix socket than a
// allows. It completes the sentence "the socket …" and says what to do.
func (a Address) CheckMode() error {
	if !a.IsUnix() {
		return nil
	}
	info, err := os.Stat(a.Path)
	if err != nil {
		return fmt.Errorf("cannot be found: %w", err)
	}
	if mode := info.Mode().Perm(); mode&^a.Mode != 0 {
		return fmt.Errorf("has mode %04o, and the setting allows %04o; set SocketMode=%04o in its unit, or write unix:%s,mode=%04o", mode, a.Mode, a.Mode, a.Path, mode)
	}
	return nil
}

// resolveTime bounds how long Fits waits for the name of a host.
const resolveTime = 5 * time.Second

// Fits reports whether a listener's address is a. Port 0 of a fits any port, no host any
// address of all interfaces.
func (a Address) Fits(addr net.Addr) bool {
	switch at := addr.(type) {
	case *net.UnixAddr:
		return a.IsUnix() && at.Name == a.Path
	case *net.TCPAddr:
		return !a.IsUnix() && a.fitsTCP(at.AddrPort())
	}
	return false
}

func (a Address) fitsTCP(at netip.AddrPort) bool {
	wanted, err := net.ResolveTCPAddr("tcp", a.HostPort)
	if err != nil || wanted.Port != 0 && wanted.Port != int(at.Port()) {
		return false
	}
	ip := at.Addr().Unmap().WithZone("")
	if wanted.IP == nil || wanted.IP.IsUnspecified() {
		return ip.IsUnspecified()
	}
	host, _, _ := net.SplitHostPort(a.HostPort) // Parse has read it
	ctx, cancel := context.WithTimeout(context.Background(), resolveTime)
	defer cancel()
	list, _ := net.DefaultResolver.LookupNetIP(ctx, "ip", host) // none fits after an error
	for _, each := range list {
		if each.Unmap().WithZone("") == ip {
			return true
		}
	}
	return false
}
