package redis

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/rueidis"

	"pagesession/storage/record"
)

// Errors of Open that waiting does not cure. Test with errors.Is.
var (
	// ErrEviction is returned when maxmemory-policy is not noeviction: Redis would sign
	// visitors out to make room.
	ErrEviction = errors.New("redis: maxmemory-policy has to be noeviction")
	// ErrVersion is returned when the server is older than Redis 7.
	ErrVersion = errors.New("redis: the server has to be Redis 7 or newer, or Valkey")
	// ErrMode is returned when the addresses are those of something else than Config says: a
	// server, sentinels, or a Cluster.
	ErrMode = errors.New("redis: the addresses are of another kind")
	// ErrAccess is returned when Redis refuses the user or the password, or asks for one.
	ErrAccess = errors.New("redis: access refused")
	// ErrTLS is returned when one of the sides does not accept the other's certificate.
	ErrTLS = errors.New("redis: TLS failed")
)

// connectError returns the error of a first connection: one of those above, ErrConfig, or
// record.ErrUnavailable.
func connectError(err error) error {
	if why := reason(err); why != nil {
		return fmt.Errorf("%w: %w", why, err)
	}
	return wrap(judge(err), err)
}

// reason returns which of the errors that waiting does not cure an error is; nil: none.
func reason(err error) error {
	answer, ok := rueidis.IsRedisErr(err)
	if !ok {
		return tlsReason(err)
	}
	for _, known := range []struct {
		text string
		why  error
	}{
		{"NOAUTH", ErrAccess}, {"WRONGPASS", ErrAccess}, {"NOPERM", ErrAccess}, {"DENIED", ErrAccess}, {"without any password configured", ErrAccess},
		{"unknown command", ErrMode}, {"cluster support disabled", ErrMode}, {"No such master", ErrConfig},
		{"DB index is out of range", ErrConfig},
	} {
		if strings.Contains(answer.Error(), known.text) {
			return known.why
		}
	}
	return nil
}

func tlsReason(err error) error {
	var (
		unverified *tls.CertificateVerificationError
		plain      tls.RecordHeaderError
		alert      tls.AlertError
		foreign    x509.UnknownAuthorityError
	)
	if errors.As(err, &unverified) || errors.As(err, &plain) || errors.As(err, &alert) || errors.As(err, &foreign) || strings.Contains(err.Error(), "remote error: tls:") {
		return ErrTLS
	}
	return nil
}

// fit checks what a node says of itself.
func (c *Config) fit(addr, info string) error {
	if err := c.fitMode(addr, field(info, "redis_mode")); err != nil {
		return err
	}
	if role := field(info, "role"); role != "master" && !c.Cluster && c.MasterSet == "" {
		return fmt.Errorf("redis: %s is a replica; name the master, or sentinels: %w", addr, record.ErrUnavailable)
	}
	if version := field(info, "redis_version"); major(version) < 7 {
		return fmt.Errorf("%w; the one at %s is %q", ErrVersion, addr, version)
	}
	if policy := field(info, "maxmemory_policy"); policy != "noeviction" {
		return fmt.Errorf("%w, because eviction signs visitors out and forgets ended sessions; at %s it is %q: change it with CONFIG SET maxmemory-policy noeviction, and in redis.conf", ErrEviction, addr, policy)
	}
	return nil
}

func (c *Config) fitMode(addr, mode string) error {
	switch {
	case mode == "sentinel":
		return fmt.Errorf("%w: %s is a sentinel; say so, and name the master that it watches", ErrMode, addr)
	case mode == "cluster" && !c.Cluster:
		return fmt.Errorf("%w: %s is a node of a Cluster; say so", ErrMode, addr)
	case mode != "cluster" && c.Cluster:
		return fmt.Errorf("%w: %s is no node of a Cluster", ErrMode, addr)
	}
	return nil
}
