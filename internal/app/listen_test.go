package app

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

// An error of a port that needs rights says how to get them; any error names the setting.
func TestListenError(t *testing.T) {
	refused := &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EACCES)}
	used := &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	for _, tc := range []struct {
		addr string
		err  error
		cure string
	}{
		{":443", refused, "; ports below 1024 need root or the capability CAP_NET_BIND_SERVICE, as in deploy/pagesession.service; or choose another address with --addr"},
		{":443", used, "in use; choose another address with --addr"},
		{"unix:/run/x.sock", refused, "denied; choose another address with --addr"},
	} {
		err := listenError(tc.addr, "--addr", tc.err)
		if !strings.HasSuffix(err.Error(), tc.cure) || !strings.HasPrefix(err.Error(), "listen on "+tc.addr+": ") || errors.Is(err, fs.ErrPermission) != (tc.err == error(refused)) {
			t.Errorf("listenError(%s, %v) = %v; want it to end in %q", tc.addr, tc.err, err, tc.cure)
		}
	}
}
