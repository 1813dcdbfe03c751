package server_test

import (
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"pagesession/internal/server"
	"pagesession/internal/testkit"
)

// flaky is a listener whose first accepts fail.
type flaky struct {
	net.Listener
	errs []error
}

func (f *flaky) Accept() (net.Conn, error) {
	if len(f.errs) > 0 {
		err := f.errs[0]
		f.errs = f.errs[1:]
		return nil, err
	}
	return f.Listener.Accept()
}

func acceptError(err error) error { return &net.OpError{Op: "accept", Err: err} }

func listenFlaky(t *testing.T, errs ...error) *flaky {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("Listen() = %v", err)
	}
	return &flaky{Listener: ln, errs: errs}
}

func TestServe_OutlivesAShortageOfDescriptors(t *testing.T) {
	ln := listenFlaky(t, acceptError(syscall.EMFILE), acceptError(syscall.ENFILE), acceptError(syscall.ECONNABORTED))
	s := server.New(config())
	s.Ready(hello)
	served := make(chan error, 1)
	go func() { served <- s.Serve(ln) }()
	r := &running{Server: s, addr: ln.Addr().String()}
	if res := r.dial(t).Ask(get); res.StatusCode != 200 {
		t.Errorf("after the shortage: status = %d; want 200", res.StatusCode)
	}
	if err := r.stop(testkit.Patience); err != nil {
		t.Errorf("Shutdown() = %v", err)
	}
	if err := within(t, "Serve", served); err != nil {
		t.Errorf("Serve() = %v; want nil", err)
	}
}

func TestServe_ReportsAListenerThatFails(t *testing.T) {
	ln := listenFlaky(t, acceptError(syscall.EINVAL))
	s := server.New(config())
	err := s.Serve(ln)
	if !errors.Is(err, syscall.EINVAL) || !strings.Contains(err.Error(), ln.Addr().String()) {
		t.Errorf("Serve() = %v; want EINVAL and the address", err)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown() = %v", err)
	}
}

// A stop during the pause between two accepts ends the pause.
func TestServe_StopsDuringAShortage(t *testing.T) {
	errs := make([]error, 1000)
	for i := range errs {
		errs[i] = acceptError(syscall.EMFILE)
	}
	s := server.New(config())
	served := make(chan error, 1)
	go func() { served <- s.Serve(listenFlaky(t, errs...)) }()
	time.Sleep(50 * time.Millisecond) // into the longer pauses
	if err := s.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown() = %v", err)
	}
	if err := within(t, "Serve", served); err != nil {
		t.Errorf("Serve() = %v; want nil", err)
	}
}
