package systemd

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"

	"pagesession/internal/listen"
)

// The names of sockets, which FileDescriptorName= of their units sets.
const (
	HTTP     = "http"     // for --addr
	Redirect = "redirect" // for --http-addr
	Metrics  = "metrics"  // for --metrics-addr
)

func names() []string { return []string{HTTP, Redirect, Metrics} }

// SocketError is a socket that the server cannot use. A restart does not cure it.
type SocketError struct{ error }

// Unwrap returns the error of the socket.
func (e *SocketError) Unwrap() error { return e.error }

// ExitCode is that of wrong settings, so that systemd does not try again.
func (*SocketError) ExitCode() int { return 2 }

func socketErrorf(format string, args ...any) error {
	return &SocketError{fmt.Errorf("socket activation: "+format, args...)}
}

// Sockets are the listeners that systemd has opened and no setting has taken yet, by name.
type Sockets map[string]listen.Inherited

// HasSocket reports whether there are sockets that Open has not returned yet.
func (s *Service) HasSocket() bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.files) > 0
}

// Open returns the sockets, which it can do once. A single socket may have any name; then
// it is that for --addr.
func (s *Service) Open() (Sockets, error) {
	open := Sockets{}
	if s == nil {
		return open, nil
	}
	s.mu.Lock()
	files := s.files
	s.files = nil
	s.mu.Unlock()
	for _, f := range files {
		name := f.Name()
		if !slices.Contains(names(), name) && len(files) == 1 {
			name = HTTP
		}
		if err := open.add(f, name); err != nil {
			open.close()
			return nil, err
		}
	}
	return open, nil
}

func (s Sockets) add(f *os.File, name string) error {
	if !slices.Contains(names(), name) {
		_ = f.Close()
		return socketErrorf("several sockets, and one is called %q; set FileDescriptorName= of each to %s", name, either(names()))
	}
	ln, err := listen.Inherit(f)
	if err != nil {
		return socketErrorf("the socket %q %w; in its unit use ListenStream= and Accept=no", f.Name(), err)
	}
	if _, twice := s[name]; twice {
		_ = ln.Close()
		return socketErrorf("two sockets are called %q; use one ListenStream= for each", name)
	}
	s[name] = ln
	return nil
}

func (s Sockets) close() {
	for _, ln := range s {
		_ = ln.Close() // it was not used
	}
}

// Take returns the socket with a name, if it is that of addr, the value of a setting; nil if
// there is none.
func (s Sockets) Take(name, addr, flag string) (net.Listener, error) {
	ln, ok := s[name]
	if !ok {
		return nil, nil
	}
	wanted, err := listen.Parse(addr)
	if err != nil || !wanted.Fits(ln.Addr()) {
		return nil, socketErrorf("the socket %q listens on %s, and %s is %q; make ListenStream= of the unit and %s the same", name, ln.Addr(), flag, cmp.Or(addr, "empty"), flag)
	}
	if err := wanted.CheckMode(); err != nil {
		return nil, socketErrorf("the socket %q of %s %w", name, flag, err)
	}
	delete(s, name)
	return ln, nil
}

// Rest returns an error if there are sockets that nothing has taken, and closes them.
func (s Sockets) Rest() error {
	if len(s) == 0 {
		return nil
	}
	s.close()
	flags := map[string]string{Redirect: "--http-addr", Metrics: "--metrics-addr", HTTP: "--addr"}
	name := slices.Sorted(maps.Keys(s))[0]
	return socketErrorf("the socket %q listens on %s, and %s is empty; set it to the address of the socket, or disable the socket's unit", name, s[name].Addr(), flags[name])
}

func either(words []string) string {
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
