package redis

import (
	"fmt"
	"net"
	"testing"
)

// Sentinel is a master, a replica, and three sentinels that watch them.
type Sentinel struct {
	Master, Replica *Server
	Sentinels       [3]*Server
}

// MasterSet is the name by which the sentinels know the master.
const MasterSet = "sessions"

// NewSentinel starts a Sentinel for one test, which ends it.
func NewSentinel(t testing.TB, settings ...string) *Sentinel {
	t.Helper()
	s := &Sentinel{Master: New(t, settings...)}
	host, port, _ := net.SplitHostPort(s.Master.Addr)
	s.Replica = New(t, append([]string{"replicaof", host + " " + port}, settings...)...)
	wait(t, "the replica has a copy", func() bool {
		return Field(s.Replica.Text(t, "INFO", "replication"), "master_link_status") == "up"
	})
	for i := range s.Sentinels {
		s.Sentinels[i] = watcher(t, host, port)
	}
	for _, one := range s.Sentinels {
		wait(t, "the sentinels know each other and the replica", func() bool {
			m, err := one.Do("SENTINEL", "MASTER", MasterSet)
			if err != nil {
				return false
			}
			fields, err := m.AsStrMap()
			return err == nil && fields["num-other-sentinels"] == "2" && fields["num-slaves"] == "1"
		})
	}
	return s
}

// watcher starts a sentinel. It writes its settings back, so it needs a file.
func watcher(t testing.TB, host, port string) *Server {
	t.Helper()
	s := &Server{program: require(t), ready: "Sentinel ID is"}
	t.Cleanup(s.remove)
	err := s.create(nil)
	if err == nil {
		_, own, _ := net.SplitHostPort(s.Addr)
		text := fmt.Sprintf("bind 127.0.0.1\nport %s\ndir %s\nsentinel monitor %s %s %s 2\nsentinel down-after-milliseconds %s 1000\nsentinel failover-timeout %s 3000\n",
			own, s.dir, MasterSet, host, port, MasterSet, MasterSet)
		var path string
		if path, err = s.file("sentinel.conf", text); err == nil {
			s.args = []string{path, "--sentinel"}
			err = s.start()
		}
	}
	if err != nil {
		t.Fatalf("start a sentinel: %v", err)
	}
	return s
}

// Addrs returns the addresses of the sentinels.
func (s *Sentinel) Addrs() (addrs []string) {
	for _, one := range s.Sentinels {
		addrs = append(addrs, one.Addr)
	}
	return addrs
}
