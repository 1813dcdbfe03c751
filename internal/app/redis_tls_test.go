package app

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// secured returns an address that speaks TLS before a server, with this certificate.
func secured(t *testing.T, server *testredis.Server, cert *testkit.Certificate) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{GetCertificate: cert.Get})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for in, err := l.Accept(); err == nil; in, err = l.Accept() {
			out, err := net.Dial("tcp", server.Addr)
			if err != nil {
				_ = in.Close()
				continue
			}
			pass := func(to, from net.Conn) { _, _ = io.Copy(to, from); _, _ = to.Close(), from.Close() }
			go pass(in, out)
			go pass(out, in)
		}
	}()
	return l.Addr().String()
}

// With --sessions-ca the server trusts a certificate that it refuses without, and with
// --redis-wait 1 an end waits for a replica.
func TestOpenRedis_TLSAndWait(t *testing.T) {
	cert := testkit.NewCertificate(t, time.Now().Add(time.Hour), "127.0.0.1")
	cfg := onRedis(t, "rediss://"+secured(t, testredis.New(t), cert))
	opened := func() (visitorStore, error) {
		a := &app{cfg: cfg, log: slog.New(slog.DiscardHandler), isCommand: true, starting: t.Context()}
		return a.openRedis(false)
	}
	if _, err := opened(); !errors.Is(err, redis.ErrTLS) || !strings.Contains(err.Error(), "check --sessions-ca") {
		t.Errorf("without --sessions-ca: %v; want what to check", err)
	}
	pair, err := cert.Get(nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.SessionsCA = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(cfg.SessionsCA, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}), 0o600); err != nil {
		t.Fatal(err)
	}
	for wait, want := range []error{nil, record.ErrNotDurable} {
		cfg.RedisWait = wait
		v, err := opened()
		if err != nil {
			t.Fatalf("with --sessions-ca: %v", err)
		}
		store, k := v.side(), record.KeyOf("a session of "+strconv.Itoa(wait))
		if _, err := store.Create(t.Context(), k, record.Content{Value: []byte("value"), Idle: time.Hour}, 0); err != nil {
			t.Errorf("Create = %v", err)
		}
		if _, err := v.lister().EndAll(context.Background(), record.Revoked); !errors.Is(err, want) {
			t.Errorf("EndAll with --redis-wait %d and no replica = %v; want %v", wait, err, want)
		}
		if err := closeVisitors(v); err != nil {
			t.Errorf("Close = %v", err)
		}
	}
}
