package e2e

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"pagesession/internal/testkit"
	"pagesession/internal/testkit/netns"
)

// A namespace has network interfaces and addresses of its own.
type namespace struct {
	*netns.Namespace
	url4 string // of the server, as seen from here
	url6 string
}

// namespaces are a server's and those of its clients, each with a line of its own to the
// server: clients in one do not share an address with those in another.
type namespaces struct {
	t       *testing.T
	server  namespace
	clients []namespace
}

// newNamespaces returns a server's namespace and those of n clients. Client i has the
// IPv4 addresses 198.18.i.2 to 7, and 2001:db8:i::100 to 110 of one IPv6 network.
func newNamespaces(t *testing.T, n int) *namespaces {
	t.Helper()
	all := &namespaces{t: t}
	all.server = all.add("server", "link set lo up")
	for i := range n {
		c := all.add(fmt.Sprint("client", i))
		end := fmt.Sprint("c", i)
		all.server.IP(t, fmt.Sprintf("link add %s type veth peer name wire netns %s", end, c.Name))
		all.server.IP(t, fmt.Sprintf("addr add 198.18.%d.1/24 dev %s\naddr add 2001:db8:%d::1/64 dev %s nodad\nlink set %s up", i, end, i, end, end))
		lines := []string{"link set lo up", "link set wire up"}
		for host := 2; host < 2+clientAddresses4; host++ {
			lines = append(lines, fmt.Sprintf("addr add 198.18.%d.%d/24 dev wire", i, host))
		}
		for host := range clientAddresses6 {
			lines = append(lines, fmt.Sprintf("addr add 2001:db8:%d::%x/64 dev wire nodad", i, 0x100+host))
		}
		c.IP(t, strings.Join(lines, "\n"))
		c.url4, c.url6 = fmt.Sprintf("http://198.18.%d.1:%d", i, namespacePort), fmt.Sprintf("http://[2001:db8:%d::1]:%d", i, namespacePort)
		all.clients = append(all.clients, c)
	}
	return all
}

// namespacePort is the server's port. Only the server is in its namespace.
const namespacePort = 8000

// The addresses of a client.
const (
	clientAddresses4 = 6
	clientAddresses6 = 17
)

// add makes a namespace and runs commands of ip in it. Outside of CI a test is skipped
// where that is not allowed.
func (all *namespaces) add(name string, lines ...string) namespace {
	all.t.Helper()
	n := namespace{Namespace: netns.New(all.t, name)}
	for _, line := range lines {
		n.IP(all.t, line)
	}
	return n
}

// client returns a client whose connections come from an address of the namespace.
func (n namespace) client(t *testing.T, address string) *testkit.Client {
	local := &net.TCPAddr{IP: net.ParseIP(address)}
	c := testkit.At(t, n.url4)
	if local.IP.To4() == nil {
		c.URL = n.url6
	}
	carrier := &http.Transport{DialContext: func(ctx context.Context, network, to string) (conn net.Conn, err error) {
		err = n.Do(func() error {
			conn, err = (&net.Dialer{LocalAddr: local}).DialContext(ctx, network, to)
			return err
		})
		return conn, err
	}}
	t.Cleanup(carrier.CloseIdleConnections)
	c.Carrier = carrier
	return c
}
