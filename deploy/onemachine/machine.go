package onemachine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Config says what to start. Program and Dir have to be set.
type Config struct {
	Dir     string   // an absolute path; a missing folder is created with mode 0711
	Program string   // the path of pagesession
	Servers int      // how many; 0 counts as 3
	Apart   int      // how many further servers, which share nothing: each has a database of its own in Redis
	Ports   []Port   // ports of nginx; without any, one on a free port before all servers
	Flags   []string // further flags of each server
}

// A Port is one of nginx's with servers behind it.
type Port struct {
	Addr    string // host:port; a free port of 127.0.0.1 for ""
	Servers []int  // their numbers, from 0; nil for all that share their sessions
}

// A Machine is everything that runs. Its methods may be called from any goroutine.
type Machine struct {
	Redis, Postgres, Nginx *Process
	Servers                []*Process // those that share first, then those apart
	Ports                  []string   // host:port of each
	RedisPassword          string
	Accounts               string // the URL of the database

	config Config
	died   chan *Process
}

// Start starts all programs in their order, and returns once nginx answers. When it fails it
// stops what runs; the error says what to do.
func Start(ctx context.Context, c Config) (*Machine, error) {
	if c.Servers == 0 {
		c.Servers = 3
	}
	if len(c.Ports) == 0 {
		c.Ports = []Port{{}}
	}
	m := &Machine{config: c, died: make(chan *Process, c.Servers+c.Apart+3)}
	for _, step := range []func(context.Context) error{m.folders, m.startRedis, m.startPostgres, m.startServers, m.startNginx} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, m.Stop())
		}
	}
	return m, nil
}

// Died returns a channel that gets each program that ends before Stop.
func (m *Machine) Died() <-chan *Process { return m.died }

// Stop stops all programs: nginx first, so that no request is cut off, then the servers, then
// the databases. A second call is harmless.
func (m *Machine) Stop() error {
	var errs []error
	for _, tier := range [][]*Process{{m.Nginx}, m.Servers, {m.Redis, m.Postgres}} {
		var all sync.WaitGroup
		tier = slices.DeleteFunc(slices.Clone(tier), func(p *Process) bool { return p == nil })
		failed := make([]error, len(tier))
		for i, p := range tier {
			all.Go(func() { failed[i] = p.stop() })
		}
		all.Wait()
		errs = append(errs, failed...)
	}
	return errors.Join(errs...)
}

// folders makes the folder, which the user of PostgreSQL has to be able to enter, and the
// secrets in it.
func (m *Machine) folders(context.Context) error {
	if err := os.MkdirAll(m.path("log"), 0o711); err != nil {
		return fmt.Errorf("create the folder: %w; choose another one with --dir", err)
	}
	password, err := m.secret("redis.password", []byte(rand.Text()))
	if err != nil {
		return err
	}
	m.RedisPassword = string(password)
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	_, err = m.secret("secret.key", key)
	return err
}

// secret returns the content of a file that only this user can read, made with this content
// if it is missing.
func (m *Machine) secret(name string, made []byte) ([]byte, error) {
	path := m.path(name)
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		b, err = made, os.WriteFile(path, made, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("keep a secret: %w", err)
	}
	return b, nil
}

func (m *Machine) path(parts ...string) string {
	return filepath.Join(append([]string{m.config.Dir}, parts...)...)
}

// startTime bounds the start of each program. Most take some milliseconds, a first
// PostgreSQL seconds.
const startTime = time.Minute
