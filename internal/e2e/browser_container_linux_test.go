package e2e

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit/firefox"
)

// A container's port is published on the host's loopback: the browser has localhost in its
// address, and the server sees an address of the engine's bridge. Browsers keep the sign-in there.
func TestBrowserContainer_PublishedPort(t *testing.T) {
	all := newNamespaces(t, 1)
	s := all.published()
	b := open(t, s, 2*time.Minute)
	b.open("/admin/login/")
	b.login("ada", consolePassword)
	b.arrives("Dashboard")
}

// The same in Firefox.
func TestFirefoxContainer_PublishedPort(t *testing.T) {
	tab := inFirefox(t, newNamespaces(t, 1).published())
	tab.Go("/admin/login/")
	tab.Arrives("Password")
	tab.Fill("Username", "ada")
	tab.Type(firefox.Tabulator + consolePassword + firefox.Enter)
	tab.Arrives("Live sessions")
}

// published starts a server in its namespace, and returns it as seen through a port of this
// machine.
func (all *namespaces) published() *server {
	all.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		all.t.Fatal(err)
	}
	all.t.Cleanup(func() { _ = ln.Close() })
	s := all.serve()
	go all.publish(ln)
	_, port, _ := strings.Cut(ln.Addr().String(), ":")
	return s.behind("localhost:" + port)
}

// publish passes connections on, from the first client's address, until the listener is closed.
func (all *namespaces) publish(ln net.Listener) {
	for {
		from, err := ln.Accept()
		if err != nil {
			return
		}
		var to net.Conn
		err = all.clients[0].Do(func() (err error) {
			to, err = net.Dial("tcp", fmt.Sprintf("198.18.0.1:%d", namespacePort))
			return err
		})
		if err != nil {
			_ = from.Close()
			continue
		}
		go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
		go func() { _, _ = io.Copy(from, to); _ = from.Close() }()
	}
}
