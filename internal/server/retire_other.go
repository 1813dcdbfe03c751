//go:build !linux

package server

import "net"

// ignoreNew does nothing: on this system new clients are accepted until the listener closes.
func ignoreNew(net.Listener) {}
