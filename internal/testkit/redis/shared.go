package redis

import (
	"sync"
	"testing"
)

// Shared is a server that the tests of one package share. The zero value is ready for use;
// it is safe for concurrent use.
type Shared struct {
	mu     sync.Mutex // held while the server starts; protects server
	server *Server
}

// Server returns the running server. The first call starts it.
func (c *Shared) Server(t testing.TB) *Server {
	t.Helper()
	program := require(t)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server == nil {
		s, err := begin(Host{}, program)
		if err != nil {
			t.Fatalf("start Redis: %v", err)
		}
		c.server = s
	}
	return c.server
}

// Close ends the server, if it was started. Call it at the end of TestMain.
func (c *Shared) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server != nil {
		c.server.remove()
		c.server = nil
	}
}
