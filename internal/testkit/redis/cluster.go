package redis

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A Cluster is three masters with a replica each, the masters first.
type Cluster struct{ Nodes [6]*Server }

// nodeTimeout is after how many milliseconds a node counts as failed.
const nodeTimeout = "1000"

// NewCluster starts a Cluster for one test, which ends it. That takes about 3 s. The
// settings are those of New, for each node.
func NewCluster(t testing.TB, settings ...string) *Cluster {
	t.Helper()
	program := require(t)
	c := new(Cluster)
	settings = append([]string{"cluster-enabled", "yes", "cluster-node-timeout", nodeTimeout, "cluster-require-full-coverage", "no"}, settings...)
	for i := range c.Nodes {
		s, err := begin(Host{}, program, settings...)
		if err != nil {
			t.Fatalf("start node %d: %v", i, err)
		}
		t.Cleanup(s.remove)
		c.Nodes[i] = s
	}
	c.join(t)
	return c
}

// join gives each master a third of the slots and each replica its master.
func (c *Cluster) join(t testing.TB) {
	t.Helper()
	for i, n := range c.Nodes {
		if i < 3 {
			n.Text(t, "CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(i*16384/3), strconv.Itoa((i+1)*16384/3-1))
		}
		n.Text(t, "CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1)) // before it knows another node
	}
	host, port, _ := net.SplitHostPort(c.Nodes[0].Addr)
	for _, n := range c.Nodes[1:] {
		n.Text(t, "CLUSTER", "MEET", host, port)
	}
	for _, n := range c.Nodes {
		wait(t, "each node knows all", func() bool { return strings.Count(n.Text(t, "CLUSTER", "NODES"), "\n") == len(c.Nodes) })
	}
	for i := range 3 {
		c.Nodes[3+i].Text(t, "CLUSTER", "REPLICATE", c.Nodes[i].Text(t, "CLUSTER", "MYID"))
	}
	for i, n := range c.Nodes {
		wait(t, "the cluster is whole", func() bool { return strings.Contains(n.Text(t, "CLUSTER", "INFO"), "cluster_state:ok") })
		wait(t, "the replicas have a copy", func() bool {
			return i < 3 || Field(n.Text(t, "INFO", "replication"), "master_link_status") == "up"
		})
		wait(t, "the node sees the replicas", func() bool {
			return strings.Count(n.Text(t, "CLUSTER", "NODES"), "slave ") == 3
		})
	}
}

// Addrs returns the addresses of all nodes.
func (c *Cluster) Addrs() (addrs []string) {
	for _, n := range c.Nodes {
		addrs = append(addrs, n.Addr)
	}
	return addrs
}

// wait waits until ok returns true. Redis gives no sign of it.
func wait(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(startTime); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v until %s", startTime, what)
		}
	}
}
