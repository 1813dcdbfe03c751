package peer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"pagesession/storage/record"
)

// Parts of a Cluster: its masters, each with one replica, and its slots.
const (
	masters      = 3
	clusterSlots = 16384
)

// NodeTimeout is after how long a node of a RedisCluster counts as failed.
const NodeTimeout = time.Second

// A RedisCluster is three masters with a replica each: node i+3 is the replica of node i.
type RedisCluster struct {
	Nodes [2 * masters]Redis

	buses    [2 * masters]string // ports by which the nodes speak with each other
	clients  [2 * masters]*redis.Client
	masterOf map[string]int // by hash tag of package storage/redis
}

// StartCluster starts a Cluster that keeps its files in dir, and returns once each node knows
// all others and each replica has a copy. End it by Kill.
func StartCluster(ctx context.Context, dir string) (c *RedisCluster, err error) {
	c = &RedisCluster{masterOf: map[string]int{}}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start a Cluster: %w", err), c.Kill())
		}
	}()
	for i := range c.Nodes {
		if err := c.startNode(ctx, i, filepath.Join(dir, fmt.Sprintf("node-%d", i))); err != nil {
			return c, err
		}
	}
	return c, c.join(ctx)
}

// startNode starts a node, which belongs to no Cluster yet.
func (c *RedisCluster) startNode(ctx context.Context, i int, dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		bus, err := freePort()
		if err != nil {
			return err
		}
		c.buses[i] = strconv.Itoa(bus)
		c.Nodes[i], err = StartRedis(ctx, dir, "everysec", "--cluster-enabled", "yes", "--cluster-port", c.buses[i],
			"--cluster-node-timeout", strconv.FormatInt(NodeTimeout.Milliseconds(), 10),
			"--cluster-require-full-coverage", "no", "--repl-diskless-sync-delay", "0")
		if err == nil {
			c.clients[i] = redis.NewClient(&redis.Options{Addr: c.Nodes[i].Addr, MaxRetries: -1})
			return nil
		}
		if attempt == redisAttempts || ctx.Err() != nil {
			return err
		}
	}
}

// join gives each master a third of the slots and each replica its master.
func (c *RedisCluster) join(ctx context.Context) error {
	for i, node := range c.clients {
		if i < masters {
			from, to := slotsOf(i)
			if err := node.ClusterAddSlotsRange(ctx, from, to).Err(); err != nil {
				return err
			}
		}
		if err := node.Do(ctx, "CLUSTER", "SET-CONFIG-EPOCH", i+1).Err(); err != nil {
			return err
		}
		host, port, _ := net.SplitHostPort(c.Nodes[0].Addr)
		if err := node.Do(ctx, "CLUSTER", "MEET", host, port, c.buses[0]).Err(); err != nil {
			return err
		}
	}
	if err := c.all(ctx, func(_ int, nodes, _, _ string) bool { return strings.Count(nodes, "\n") == len(c.Nodes) }); err != nil {
		return err
	}
	for i := range masters {
		id, err := c.clients[i].ClusterMyID(ctx).Result()
		if err != nil {
			return err
		}
		if err := c.clients[masters+i].ClusterReplicate(ctx, id).Err(); err != nil {
			return err
		}
	}
	err := c.all(ctx, func(i int, nodes, info, replication string) bool {
		return strings.Contains(info, "cluster_state:ok") && strings.Count(nodes, "slave ") == masters &&
			(i < masters || strings.Contains(replication, "master_link_status:up"))
	})
	if err != nil {
		return err
	}
	return c.learnTags(ctx)
}

// slotsOf returns the first and the last slot of a master.
func slotsOf(master int) (from, to int) {
	return master * clusterSlots / masters, (master+1)*clusterSlots/masters - 1
}

// all waits until ok is true of each node, of what it says of the others and of itself.
func (c *RedisCluster) all(ctx context.Context, ok func(i int, nodes, info, replication string) bool) error {
	for i, node := range c.clients {
		err := c.Nodes[i].ready(ctx, func(ctx context.Context) error {
			nodes, err1 := node.ClusterNodes(ctx).Result()
			info, err2 := node.ClusterInfo(ctx).Result()
			replication, err3 := node.Info(ctx, "replication").Result()
			err := errors.Join(err1, err2, err3)
			if err == nil && !ok(i, nodes, info, replication) {
				err = fmt.Errorf("node %d is not ready:\n%s", i, nodes)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// learnTags asks for the slot of each hash tag.
func (c *RedisCluster) learnTags(ctx context.Context) error {
	asked := map[string]*redis.IntCmd{}
	_, err := c.clients[0].Pipelined(ctx, func(to redis.Pipeliner) error {
		for first := range len(tagDigits) {
			for second := range len(tagDigits) {
				tag := string([]byte{tagDigits[first], tagDigits[second]})
				asked[tag] = to.ClusterKeySlot(ctx, "{"+tag+"}")
			}
		}
		return nil
	})
	for tag, slot := range asked {
		for i := range masters {
			if from, to := slotsOf(i); int(slot.Val()) >= from && int(slot.Val()) <= to {
				c.masterOf[tag] = i
			}
		}
	}
	return err
}

// tagDigits are those of a hash tag: two, for the first ten bits of a session's key (ADR
// 0041).
const tagDigits = "0123456789abcdefghijklmnopqrstuv"

// MasterOf returns the number of the master that had a session's keys at the start.
func (c *RedisCluster) MasterOf(id string) int {
	key := record.KeyOf(id)
	tag := int(key[0])<<2 | int(key[1])>>6
	return c.masterOf[string([]byte{tagDigits[tag>>5], tagDigits[tag&31]})]
}

// Addrs returns the addresses of all nodes, separated by commas, for Workshop.Redis.
func (c *RedisCluster) Addrs() string {
	var list []string
	for _, n := range c.Nodes {
		list = append(list, n.Addr)
	}
	return strings.Join(list, ",")
}

// Cut makes a master fall out with its replica for good: it asks for a password that the
// replica does not know. What it answers from then on is lost with it. Its clients keep
// their connections.
func (c *RedisCluster) Cut(ctx context.Context, master int) error {
	node := c.clients[master]
	err1 := node.ConfigSet(ctx, "requirepass", "unknown to the replica").Err()
	err2 := node.ClientKillByFilter(ctx, "TYPE", "replica").Err()
	return errors.Join(err1, err2)
}

// Promoted waits until the replica of a master has become a master, by its own word.
func (c *RedisCluster) Promoted(ctx context.Context, master int) error {
	node := c.clients[masters+master]
	return c.Nodes[masters+master].ready(ctx, func(ctx context.Context) error {
		text, err := node.Info(ctx, "replication").Result()
		if err == nil && !strings.Contains(text, "role:master") {
			err = errors.New("the replica is no master")
		}
		return err
	})
}

// Kill kills all nodes that run, and waits for their end.
func (c *RedisCluster) Kill() error {
	var all error
	for i, n := range c.Nodes {
		if c.clients[i] != nil {
			_ = c.clients[i].Close()
		}
		if n.Process != nil {
			all = errors.Join(all, n.Kill())
		}
	}
	return all
}
