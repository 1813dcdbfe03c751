package redis_test

import (
	"crypto/tls"
	"errors"
	"testing"
	"time"

	"pagesession/internal/testkit"
	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// What waiting does not cure is told from an outage.
func TestOpen_Reasons(t *testing.T) {
	t.Parallel()
	plain, locked := shared.Server(t), testredis.New(t)
	locked.Text(t, "ACL", "SETUSER", "few", "on", ">few", "~*", "+@all", "-getex")
	locked.Text(t, "ACL", "SETUSER", "elsewhere", "on", ">few", "~other:*", "+@all")
	locked.Text(t, "CONFIG", "SET", "requirepass", "sesame")
	as := func(user string) redis.Config {
		return redis.Config{Addresses: []string{locked.Addr}, Username: user, Password: "few"}
	}
	sentinel, cluster := testredis.NewSentinel(t), testredis.NewCluster(t)
	cert := testkit.NewCertificate(t, time.Now().Add(time.Hour), "127.0.0.1")
	proxied := startProxy(t, plain.Addr, &tls.Config{GetCertificate: cert.Get})
	at := func(addrs ...string) redis.Config {
		return redis.Config{Addresses: addrs, CommandTimeout: 5 * time.Second}
	}
	with := func(cfg redis.Config, change func(*redis.Config)) redis.Config { change(&cfg); return cfg }
	for name, tc := range map[string]struct {
		cfg  redis.Config
		want error
	}{
		"no password":            {at(locked.Addr), redis.ErrAccess},
		"a wrong password":       {with(at(locked.Addr), func(c *redis.Config) { c.Password = "open" }), redis.ErrAccess},
		"a wrong user":           {with(at(locked.Addr), func(c *redis.Config) { c.Username, c.Password = "ada", "open" }), redis.ErrAccess},
		"a command refused":      {as("few"), redis.ErrAccess},
		"other keys only":        {as("elsewhere"), redis.ErrAccess},
		"a database too many":    {with(at(plain.Addr), func(c *redis.Config) { c.Database = 99 }), redis.ErrConfig},
		"a Cluster of one":       {with(at(plain.Addr), func(c *redis.Config) { c.Cluster = true }), redis.ErrMode},
		"a node of a Cluster":    {at(cluster.Nodes[0].Addr), redis.ErrMode},
		"no sentinel":            {with(at(plain.Addr), func(c *redis.Config) { c.MasterSet = "main" }), redis.ErrMode},
		"a sentinel":             {at(sentinel.Addrs()[0]), redis.ErrMode},
		"sentinels as Cluster":   {with(at(sentinel.Addrs()...), func(c *redis.Config) { c.Cluster = true }), redis.ErrMode},
		"an unknown master":      {with(at(sentinel.Addrs()...), func(c *redis.Config) { c.MasterSet = "main" }), redis.ErrConfig},
		"a replica":              {at(sentinel.Replica.Addr), record.ErrUnavailable},
		"an unknown authority":   {with(at(proxied.addr), func(c *redis.Config) { c.TLS = &tls.Config{} }), redis.ErrTLS},
		"nothing":                {at("127.0.0.1:1"), record.ErrUnavailable},
		"a Cluster of nothing":   {with(at("127.0.0.1:1"), func(c *redis.Config) { c.Cluster = true }), record.ErrUnavailable},
		"sentinels that are not": {with(at("127.0.0.1:1"), func(c *redis.Config) { c.MasterSet = "main" }), record.ErrUnavailable},
	} {
		s, err := redis.Open(t.Context(), tc.cfg)
		if err == nil {
			_ = s.Close()
		}
		if !errors.Is(err, tc.want) || tc.want != record.ErrUnavailable && errors.Is(err, record.ErrUnavailable) {
			t.Errorf("Open of %s = %v; want %v", name, err, tc.want)
		}
	}
}
