package redis_test

import (
	"strings"
	"testing"

	"pagesession/internal/testkit/redis"
)

func TestServer(t *testing.T) {
	s := redis.New(t, "maxmemory-policy", "allkeys-lru")
	if got := redis.Field(s.Text(t, "INFO", "memory"), "maxmemory_policy"); got != "allkeys-lru" {
		t.Errorf("maxmemory_policy = %q; want the setting", got)
	}
	s.Text(t, "SET", "a", "1")
	s.Pause(t)
	s.Continue(t)
	s.Kill(t)
	if _, err := s.Do("PING"); err == nil {
		t.Error("a killed server answers")
	}
	s.Start(t)
	if got := s.Text(t, "DBSIZE"); got != "0" {
		t.Errorf("DBSIZE after a kill = %s; want 0, as it writes nothing to the disk", got)
	}
}

func TestCluster(t *testing.T) {
	c := redis.NewCluster(t)
	if got := c.Nodes[5].Text(t, "CLUSTER", "INFO"); !strings.Contains(got, "cluster_slots_ok:16384") {
		t.Errorf("CLUSTER INFO = %s; want all slots", got)
	}
}

func TestSentinel(t *testing.T) {
	s := redis.NewSentinel(t)
	if got := redis.Field(s.Replica.Text(t, "INFO", "replication"), "role"); got != "slave" {
		t.Errorf("role = %q; want slave", got)
	}
}
