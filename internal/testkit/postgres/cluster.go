package postgres

import (
	"sync"
	"testing"
)

// A Cluster is the server that the tests of one package share. The zero value is ready for
// use; it is safe for concurrent use.
type Cluster struct {
	mu     sync.Mutex // held while the server starts; protects server
	server *Server
}

// Server returns the running server. The first call starts it, which takes about 2 s.
func (c *Cluster) Server(t testing.TB) *Server {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server == nil {
		c.server = begin(t)
	}
	return c.server
}

// Close stops the server, if it was started, and removes its files. Call it at the end of
// TestMain.
func (c *Cluster) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server != nil {
		c.server.remove()
		c.server = nil
	}
}
