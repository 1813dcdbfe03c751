package redis

import (
	"fmt"
	"net"
	"strconv"
	"testing"
)

// Sentinel is a master, a replica or two, and three sentinels that watch them.
type Sentinel struct {
	Master, Replica *Server
	Second          *Server // another replica; nil: none
	Sentinels       [3]*Server
}

// MasterSet is the name by which the sentinels know the master.
const MasterSet = "sessions"

// NewSentinel starts a Sentinel for one test, which ends it.
func NewSentinel(t testing.TB, settings ...string) *Sentinel {
	t.Helper()
	return newSentinel(t, Host{}, Host{}, 1, settings)
}

// NewSentinelAt is NewSentinel with the master on one host, and two replicas and the
// sentinels on another.
func NewSentinelAt(t testing.TB, master, others Host, settings ...string) *Sentinel {
	t.Helper()
	return newSentinel(t, master, others, 2, settings)
}

func newSentinel(t testing.TB, master, others Host, replicas int, settings []string) *Sentinel {
	t.Helper()
	s := &Sentinel{Master: NewAt(t, master, settings...)}
	host, port, _ := net.SplitHostPort(s.Master.Addr)
	settings = append([]string{"replicaof", host + " " + port}, settings...)
	s.Replica = NewAt(t, others, settings...)
	if replicas == 2 {
		s.Second = NewAt(t, others, settings...)
	}
	wait(t, "the replicas have a copy", func() bool { return hasCopy(t, s.Replica) && (s.Second == nil || hasCopy(t, s.Second)) })
	for i := range s.Sentinels {
		s.Sentinels[i] = watcher(t, others, host, port)
	}
	for _, one := range s.Sentinels {
		wait(t, "the sentinels know each other and the replicas", func() bool {
			m, err := one.Do("SENTINEL", "MASTER", MasterSet)
			if err != nil {
				return false
			}
			fields, err := m.AsStrMap()
			return err == nil && fields["num-other-sentinels"] == "2" && fields["num-slaves"] == strconv.Itoa(replicas)
		})
	}
	return s
}

func hasCopy(t testing.TB, s *Server) bool {
	t.Helper()
	return Field(s.Text(t, "INFO", "replication"), "master_link_status") == "up"
}

// watcher starts a sentinel. It writes its settings back, so it needs a file.
func watcher(t testing.TB, at Host, host, port string) *Server {
	t.Helper()
	s := &Server{host: at, program: require(t), ready: "Sentinel ID is"}
	t.Cleanup(s.remove)
	err := s.create(nil)
	if err == nil {
		_, own, _ := net.SplitHostPort(s.Addr)
		text := fmt.Sprintf("bind %s\nprotected-mode no\nport %s\ndir %s\nsentinel monitor %s %s %s 2\nsentinel down-after-milliseconds %s 1000\nsentinel failover-timeout %s 3000\n",
			at.address(), own, s.dir, MasterSet, host, port, MasterSet, MasterSet)
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
