package redis

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// Open connects to Redis and checks that it is fit: its version, its kind, and that it
// evicts nothing. Close the Store when it is not needed any more. Errors: ErrConfig,
// ErrAccess, ErrTLS, ErrMode, ErrEviction, ErrVersion, record.ErrMoved; record.ErrUnavailable
// when Redis does not answer, so that it makes sense to try again; the context's.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	client, err := rueidis.NewClient(cfg.options())
	if err != nil {
		return nil, fmt.Errorf("connect to Redis at %s: %w", strings.Join(cfg.Addresses, ", "), connectError(err))
	}
	if cfg.Cluster {
		client = &router{Client: client, start: time.Now()}
	}
	s := &Store{cfg: cfg, client: client, scripts: newScripts(), known: newKnown(cfg.Known), waits: newWaits(), clock: clock{start: time.Now()}, limits: limits{each: cfg.CommandTimeout}, beat: beat{id: rand.Text()}}
	if err := s.prove(ctx); err != nil {
		client.Close()
		return nil, err
	}
	background, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.done.Go(func() { s.watch(background) })
	s.done.Go(func() { s.poll(background) })
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
		PipelineMultiplex: multiplex, RingScaleEachConn: ringScale, MaxFlushDelay: flushDelay,
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
	// flushDelay is how long commands of several calls wait to be sent together. A call that is
	// alone does not wait. With 64 visitors at once it halves Redis's processor time (ADR 0041).
	flushDelay = 300 * time.Microsecond
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
		info, err := node.Do(ctx, node.B().Info().Section("server", "memory", "replication").Build()).ToString()
		if err != nil {
			return fmt.Errorf("ask Redis at %s: %w", addr, connectError(err))
		}
		if err := s.cfg.fit(addr, info); err != nil {
			return err
		}
	}
	if err := s.permitted(ctx); err != nil {
		return err
	}
	s.readClocks(ctx)
	if err := s.stays(ctx); err != nil {
		return err
	}
	s.beatAll(ctx)
	return nil
}

// major returns the first number of a version; 0 if it has none.
func major(version string) int {
	n, _ := strconv.Atoi(strings.SplitN(version, ".", 2)[0])
	return n
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
