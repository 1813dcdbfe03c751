package e2e

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"pagesession/internal/testkit"
)

// A namespace has network interfaces and addresses of its own.
type namespace struct {
	name string
	in   int    // its file descriptor
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
		all.ip(all.server.name, fmt.Sprintf("link add %s type veth peer name wire netns %s", end, c.name))
		all.ip(all.server.name, fmt.Sprintf("addr add 198.18.%d.1/24 dev %s\naddr add 2001:db8:%d::1/64 dev %s nodad\nlink set %s up", i, end, i, end, end))
		lines := []string{"link set lo up", "link set wire up"}
		for host := 2; host < 2+clientAddresses4; host++ {
			lines = append(lines, fmt.Sprintf("addr add 198.18.%d.%d/24 dev wire", i, host))
		}
		for host := range clientAddresses6 {
			lines = append(lines, fmt.Sprintf("addr add 2001:db8:%d::%x/64 dev wire nodad", i, 0x100+host))
		}
		all.ip(c.name, strings.Join(lines, "\n"))
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
	n := namespace{name: fmt.Sprintf("pagesession-%d-%s", os.Getpid(), name)}
	if out, err := exec.Command("ip", "netns", "add", n.name).CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" {
			all.t.Fatalf("ip netns add in CI: %v\n%s", err, out)
		}
		all.t.Skipf("network namespaces need root and ip of iproute2: %v\n%s", err, out)
	}
	all.t.Cleanup(func() {
		if out, err := exec.Command("ip", "netns", "del", n.name).CombinedOutput(); err != nil {
			all.t.Errorf("ip netns del: %v\n%s", err, out)
		}
	})
	fd, err := unix.Open("/run/netns/"+n.name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		all.t.Fatalf("open the namespace: %v", err)
	}
	all.t.Cleanup(func() { _ = unix.Close(fd) })
	n.in = fd
	for _, line := range lines {
		all.ip(n.name, line)
	}
	return n
}

// ip runs commands of ip in a namespace, one a line.
func (all *namespaces) ip(in, lines string) {
	all.t.Helper()
	cmd := exec.Command("ip", "-n", in, "-batch", "-")
	cmd.Stdin = strings.NewReader(lines + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		all.t.Fatalf("ip -n %s: %v\n%s\n%s", in, err, lines, out)
	}
}

// do runs f in the namespace: sockets and processes that f makes are in it for good. f must
// make them in its own goroutine.
func (n namespace) do(f func() error) error {
	runtime.LockOSThread() // a namespace belongs to a thread
	own, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open the thread's namespace: %w", err)
	}
	defer unix.Close(own)
	if err := unix.Setns(n.in, unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter the namespace: %w", err)
	}
	defer func() {
		if unix.Setns(own, unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread() // otherwise the thread ends with its goroutine
		}
	}()
	return f()
}

// client returns a client whose connections come from an address of the namespace.
func (n namespace) client(t *testing.T, address string) *testkit.Client {
	local := &net.TCPAddr{IP: net.ParseIP(address)}
	c := testkit.At(t, n.url4)
	if local.IP.To4() == nil {
		c.URL = n.url6
	}
	carrier := &http.Transport{DialContext: func(ctx context.Context, network, to string) (conn net.Conn, err error) {
		err = n.do(func() error {
			conn, err = (&net.Dialer{LocalAddr: local}).DialContext(ctx, network, to)
			return err
		})
		return conn, err
	}}
	t.Cleanup(carrier.CloseIdleConnections)
	c.Carrier = carrier
	return c
}
