package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// startProduct starts the product on dir/data, which may hold sessions of an
// earlier one, and returns when it says that it is ready.
func startProduct(ctx context.Context, w workshop, dir string, flags ...string) (server, error) {
	addr, err := freeAddress()
	if err != nil {
		return server{}, err
	}
	args := append([]string{"--addr", addr, "--data-dir", filepath.Join(dir, "data")}, flags...)
	c, err := startChild(dir, w.product, args...)
	if err != nil {
		return server{}, err
	}
	s := server{url: "http://" + addr, child: c}
	if err := s.waitReady(ctx); err != nil {
		return server{}, errors.Join(err, c.stop())
	}
	return s, nil
}

// finish stops the server at the end of a trial, which gave err, and adds how that
// went wrong, if anybody still wants to know.
func (s server) finish(ctx context.Context, err error) error {
	if stopped := s.stop(); stopped != nil && ctx.Err() == nil {
		return errors.Join(err, fmt.Errorf("the server stopped badly: %w%s", stopped, s.lastWords()))
	}
	return err
}

// kill ends the process as a crash of the machine's memory would: it gets to
// do nothing any more.
func (c *child) kill() error {
	_ = c.cmd.Process.Kill() // fails where it has ended already
	if !c.endsWithin(stopPatience) {
		return errors.New("the server cannot be killed")
	}
	return nil
}

// usage is what the process uses now.
func (c *child) usage() (usage, error) { return lookAt(c.cmd.Process.Pid) }

// sessionFile is where the product that works in dir keeps its sessions.
func sessionFile(dir string) string { return filepath.Join(dir, "data", "sessions.db") }

// fileSize is a file's length.
func fileSize(file string) (int64, error) {
	info, err := os.Stat(file)
	if err != nil {
		return 0, fmt.Errorf("look at the session file: %w", err)
	}
	return info.Size(), nil
}

// whileAlive returns a context that ends with the server, too: a load on a
// dead one is over. stop frees the goroutine that waits for it.
func (s server) whileAlive(ctx context.Context) (alive context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-s.done:
			cancel(fmt.Errorf("the server ended under load: %s", s.cause()))
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}
