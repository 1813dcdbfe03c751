package redis_test

import (
	"crypto/tls"
	"net"
	"sync"
	"testing"
)

// A proxy stands before a server. It can speak TLS, and hold back all that comes.
type proxy struct {
	addr string
	mu   sync.RWMutex // held for writing while nothing passes
}

func startProxy(t *testing.T, to string, secure *tls.Config) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().String()}
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(in, to) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return p
}

func (p *proxy) hold()    { p.mu.Lock() }
func (p *proxy) release() { p.mu.Unlock() }

func (p *proxy) serve(in net.Conn, to string) {
	out, err := net.Dial("tcp", to)
	if err != nil {
		_ = in.Close()
		return
	}
	var both sync.WaitGroup
	both.Go(func() { p.copy(out, in) })
	both.Go(func() { p.copy(in, out) })
	both.Wait()
}

func (p *proxy) copy(to, from net.Conn) {
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if writeErr := p.pass(to, b[:n]); err != nil || writeErr != nil {
			break
		}
	}
	_, _ = from.Close(), to.Close()
}

// pass delivers what was read. What was held is delivered later, also if the connection that
// it came from was closed.
func (p *proxy) pass(to net.Conn, b []byte) error {
	p.mu.RLock()
	defer p.mu.RUnlock()
	_, err := to.Write(b)
	return err
}
