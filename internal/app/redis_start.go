package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"pagesession/internal/config"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// redisConfig returns the configuration of Redis. It reads the files of TLS.
func redisConfig(cfg *config.Config) (redis.Config, error) {
	s := &cfg.Sessions
	c := redis.Config{
		Addresses: s.Addresses, MasterSet: s.MasterSet, Cluster: s.Cluster, Database: s.Database,
		Username: s.Username, Password: s.Password, SentinelPassword: s.SentinelPassword,
		Replicas: cfg.RedisWait,
	}
	if !s.TLS {
		return c, nil
	}
	c.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	if cfg.SessionsCA != "" {
		pem, err := os.ReadFile(cfg.SessionsCA)
		if err != nil {
			return c, fmt.Errorf("--sessions-ca: %w", err)
		}
		c.TLS.RootCAs = x509.NewCertPool()
		if !c.TLS.RootCAs.AppendCertsFromPEM(pem) {
			return c, fmt.Errorf("--sessions-ca: %q has no certificate in PEM form", cfg.SessionsCA)
		}
	}
	return c, useClientCertificate(&c, cfg.SessionsCert, cfg.SessionsKey)
}

// useClientCertificate makes Redis see the certificate of these files, "" for none. Each
// connection loads them again, so they may be renewed.
func useClientCertificate(c *redis.Config, cert, key string) error {
	if cert == "" {
		return nil
	}
	load := func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(cert, key)
		return &pair, err
	}
	if _, err := load(nil); err != nil {
		return fmt.Errorf("--sessions-cert and --sessions-key: %w", err)
	}
	c.TLS.GetClientCertificate = load
	return nil
}

const (
	redisPause  = time.Second      // between two attempts to reach Redis at the start
	redisLogged = 30 * time.Second // between two lines in the log about it
)

// untilThere opens Redis. While it is unavailable, it tries again each second. Any other
// error, and the context's, are returned at once.
func untilThere(ctx context.Context, log *slog.Logger, url string, cfg redis.Config, open func(context.Context, redis.Config) (*redis.Store, error)) (*redis.Store, error) {
	var logged time.Time
	for begun := time.Now(); ; {
		store, err := open(ctx, cfg)
		switch {
		case ctx.Err() != nil && err != nil:
			return nil, ctx.Err()
		case err == nil && !logged.IsZero():
			log.Info("Redis is there", slog.String("sessions", url), slog.Duration("after", time.Since(begun).Round(time.Second)))
			return store, nil
		case !errors.Is(err, record.ErrUnavailable):
			return store, err
		case logged.IsZero(), time.Since(logged) >= redisLogged:
			logged = time.Now()
			log.Warn("waiting for Redis; visitors get \"starting\" until it is there. Check that it runs, that this machine reaches it, and whether it speaks TLS (rediss) or not (redis)",
				slog.String("sessions", url), slog.Any("error", err), slog.Duration("trying_again_every", redisPause))
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(redisPause):
		}
	}
}
