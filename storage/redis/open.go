package redis

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// Errors of Open. Test with errors.Is.
var (
	// ErrEviction is returned when maxmemory-policy is not noeviction: Redis would sign
	// visitors out to make room.
	ErrEviction = errors.New("redis: maxmemory-policy has to be noeviction")
	// ErrVersion is returned when the server is older than Redis 7.
	ErrVersion = errors.New("redis: the server has to be Redis 7 or newer, or Valkey")
)

// Open connects to Redis and checks that it is fit: its version, and that it evicts
// nothing. Close the Store when it is not needed any more. Errors: ErrConfig, ErrEviction,
// ErrVersion, record.ErrUnavailable when Redis does not answer, the context's.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	client, err := rueidis.NewClient(cfg.options())
	if err != nil {
		return nil, fmt.Errorf("connect to Redis at %s: %w", strings.Join(cfg.Addresses, ", "), wrap(judge(err), err))
	}
	if cfg.Cluster {
		client = &router{Client: client, start: time.Now()}
	}
	s := &Store{cfg: cfg, client: client, scripts: newScripts(), known: newKnown(cfg.Known), clock: clock{start: time.Now()}, limits: limits{each: cfg.CommandTimeout}, beat: beat{id: rand.Text()}}
	if err := s.prove(ctx); err != nil {
		client.Close()
		return nil, err
	}
	background, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.done.Go(func() { s.watch(background) })
	if !cfg.NoIndex {
		s.done.Go(func() { s.sweep(background) })
	}
	return s, nil
}

// Close ends the connections. Calls under way and later ones return ErrClosed. It may be
// called again.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.stop()
	s.limits.close()
	s.done.Wait()
	s.client.Close()
	return nil
}

// options returns the options of the client. It pipelines always, so a call that gives up
// costs no connection. It repeats nothing by itself.
func (c *Config) options() rueidis.ClientOption {
	dialer := net.Dialer{Timeout: c.ConnectTimeout, KeepAlive: pingEvery}
	return rueidis.ClientOption{
		InitAddress: c.Addresses, Username: c.Username, Password: c.Password, SelectDB: c.Database,
		TLSConfig: c.tls(), Dialer: dialer, DialCtxFn: c.dial,
		Sentinel: rueidis.SentinelOption{
			MasterSet: c.MasterSet, Username: c.SentinelUsername, Password: c.SentinelPassword,
			TLSConfig: c.tls(), Dialer: dialer, TopologyRefreshInterval: time.Second,
		},
		ClusterOption:     rueidis.ClusterOption{ShardsRefreshInterval: time.Second, MaxMovedRedirections: 5},
		ForceSingleClient: !c.Cluster && c.MasterSet == "",
		ConnWriteTimeout:  c.CommandTimeout,
		PipelineMultiplex: multiplex, RingScaleEachConn: ringScale,
		AlwaysPipelining: true, DisableCache: true, DisableRetry: true,
		ClientName: "pagesession",
	}
}

const (
	// pingEvery is how often an idle connection is tested. One that does not answer within
	// CommandTimeout is closed.
	pingEvery = 250 * time.Millisecond
	// multiplex is the binary logarithm of the number of connections to a node, and
	// ringScale that of the commands that one can hold: maxRunning.
	multiplex = 1
	ringScale = 12
)

func (c *Config) tls() *tls.Config {
	if c.TLS == nil {
		return nil
	}
	return c.TLS.Clone()
}

// prove checks each node and reads its clock.
func (s *Store) prove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*s.cfg.ConnectTimeout)
	defer cancel()
	for addr, node := range s.client.Nodes() {
		info, err := node.Do(ctx, node.B().Info().Section("server", "memory").Build()).ToString()
		if err != nil {
			return fmt.Errorf("ask Redis at %s: %w", addr, wrap(judge(err), err))
		}
		if err := fit(addr, info); err != nil {
			return err
		}
	}
	s.readClocks(ctx)
	s.beatAll(ctx)
	return nil
}

// fit checks what a node says of itself.
func fit(addr, info string) error {
	major, _ := strconv.Atoi(strings.SplitN(field(info, "redis_version"), ".", 2)[0])
	if major < 7 {
		return fmt.Errorf("%w; the one at %s is %q", ErrVersion, addr, field(info, "redis_version"))
	}
	if policy := field(info, "maxmemory_policy"); policy != "noeviction" {
		return fmt.Errorf("%w, because eviction signs visitors out and forgets ended sessions; at %s it is %q: change it with CONFIG SET maxmemory-policy noeviction, and in redis.conf", ErrEviction, addr, policy)
	}
	return nil
}

// field returns a field of the text that INFO answers; "" if it is missing.
func field(info, name string) string {
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
