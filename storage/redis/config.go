package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"
)

// Config says where Redis is and how to use it. Zero fields get the values of
// ConfigDefault.
type Config struct {
	// Addresses are hosts with ports: of the Redis server; with MasterSet, of the
	// sentinels; with Cluster, of some nodes.
	Addresses []string
	// MasterSet is the name by which the sentinels know the master. "": no Sentinel.
	MasterSet string
	// Cluster says that the addresses belong to a Cluster.
	Cluster bool

	Username, Password                 string // for Redis; "": none
	SentinelUsername, SentinelPassword string // for the sentinels; "": none
	// TLS is the configuration of connections to Redis and the sentinels; nil: no TLS. It
	// names the server, unless each address does.
	TLS *tls.Config
	// Database is the number of the database. A Cluster has only 0.
	Database int

	// Prefix begins every key. Programs that share a Redis need different prefixes; it
	// may have up to 32 characters, without braces.
	Prefix string
	// ConnectTimeout bounds how long a connection takes to be made.
	ConnectTimeout time.Duration
	// CommandTimeout bounds each call, with its retries.
	CommandTimeout time.Duration
	// Replicas is how many replicas must have an end before it is answered, also that of
	// the old key of a rotation. If fewer have it within half of CommandTimeout, the call
	// returns record.ErrNotDurable. 0: none.
	Replicas int
	// NoIndex saves the memory of the index, about 150 bytes a session. Sessions then
	// cannot be listed, and one that timed out is forgotten at once.
	NoIndex bool
	// Known is how many sessions are known in memory: their timeouts, and decoded values.
	// The first visit of a session that is not known takes a second command.
	Known int
	// Moving opens a Store also if its sessions have moved to another, or are moving; see
	// SetMark. Otherwise Open returns record.ErrMoved then.
	Moving bool
	// Logger gets what operators should see: that Redis lost its data. nil: nothing is
	// logged.
	Logger *slog.Logger

	sweepTime time.Duration // how long a sweep takes
	dial      dial          // makes connections; nil: a net.Dialer does
}

// A dial makes a connection.
type dial = func(context.Context, string, *net.Dialer, *tls.Config) (net.Conn, error)

// ConfigDefault has the defaults of the fields of Config that may not be zero.
var ConfigDefault = Config{
	Addresses:      []string{"127.0.0.1:6379"},
	Prefix:         "ps:",
	ConnectTimeout: time.Second,
	CommandTimeout: 500 * time.Millisecond,
	Known:          131072,
}

// Limits of Config.
const (
	maxPrefix  = 32
	minTimeout = 10 * time.Millisecond
	maxTimeout = 30 * time.Second // an entry of a subject's set is kept for longer, see settled
)

// ErrConfig is returned by Open when a field of Config is out of its range.
var ErrConfig = errors.New("redis: bad configuration")

func (c Config) withDefaults() Config {
	d := ConfigDefault
	if len(c.Addresses) == 0 {
		c.Addresses = d.Addresses
	}
	if c.Prefix == "" {
		c.Prefix = d.Prefix
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = d.ConnectTimeout
	}
	if c.CommandTimeout == 0 {
		c.CommandTimeout = d.CommandTimeout
	}
	if c.Known == 0 {
		c.Known = d.Known
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.sweepTime == 0 {
		c.sweepTime = sweepTime
	}
	return c
}

// check returns the first mistake.
func (c *Config) check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrConfig, fmt.Sprintf(format, args...))
	}
	switch {
	case len(c.Prefix) > maxPrefix || strings.ContainsAny(c.Prefix, "{}"):
		return bad("Prefix %q has more than %d characters, or a brace", c.Prefix, maxPrefix)
	case c.ConnectTimeout < minTimeout || c.ConnectTimeout > maxTimeout:
		return bad("ConnectTimeout is %v; it has to be from %v to %v", c.ConnectTimeout, minTimeout, maxTimeout)
	case c.CommandTimeout < minTimeout || c.CommandTimeout > maxTimeout:
		return bad("CommandTimeout is %v; it has to be from %v to %v", c.CommandTimeout, minTimeout, maxTimeout)
	case c.Cluster && c.MasterSet != "":
		return bad("Cluster and MasterSet exclude each other")
	case c.Cluster && c.Database != 0:
		return bad("a Cluster has no Database %d, only 0", c.Database)
	case c.Database < 0 || c.Replicas < 0 || c.Known < 0:
		return bad("Database, Replicas and Known must not be negative")
	}
	return nil
}
