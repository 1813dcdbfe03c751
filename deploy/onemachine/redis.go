package onemachine

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// startRedis starts Redis with an append-only file. Its configuration is a file, because it has
// the password.
func (m *Machine) startRedis(ctx context.Context) error {
	program, err := installed("redis-server", "redis-server")
	if err != nil {
		return err
	}
	addr, err := freeAddr()
	if err != nil {
		return err
	}
	_, port, _ := net.SplitHostPort(addr)
	dir, conf := m.path("redis"), m.path("redis", "redis.conf")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	text := fmt.Sprintf("bind 127.0.0.1\nport %s\nrequirepass %s\ndir %q\nappendonly yes\nappendfsync everysec\nsave \"\"\nmaxmemory-policy noeviction\n", port, m.RedisPassword, dir)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return err
	}
	if m.Redis, err = m.begin("redis", addr, syscall.SIGTERM, exec.Command(program, conf)); err != nil {
		return err
	}
	return m.Redis.await(ctx, func(context.Context) error { return pingRedis(addr, m.RedisPassword) })
}

// pingRedis returns nil once Redis has read its file and answers.
func pingRedis(addr, password string) error {
	c, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(time.Second)) // an error shows in the next call
	if _, err := fmt.Fprintf(c, "AUTH %s\r\nPING\r\n", password); err != nil {
		return err
	}
	lines := bufio.NewScanner(c)
	for lines.Scan() {
		if lines.Text() == "+PONG" {
			return nil
		}
		if lines.Text() != "+OK" {
			return fmt.Errorf("it answers %q", lines.Text())
		}
	}
	return fmt.Errorf("it does not answer: %w", lines.Err())
}
