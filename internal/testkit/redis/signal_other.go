//go:build !unix

package redis

import "testing"

const stop, proceed = 0, 0

// signal is never reached: require has skipped the test.
func (s *Server) signal(t testing.TB, _ int) { t.Helper(); t.Fatal("this system has no such signals") }
