package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// buildPatience bounds the build of the product on a machine that has
// nothing of it in its cache.
const buildPatience = 5 * time.Minute

// buildOurs builds the product from the repository that the bench is in and
// returns the path of the binary, made in dir.
func buildOurs(ctx context.Context, dir string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, buildPatience)
	defer cancel()
	root, err := moduleRoot(ctx)
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "pagesession.exe") // .exe hurts nobody, and Windows wants it
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, ".")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the product in %s: %w\n%s", root, err, out)
	}
	return binary, nil
}

// moduleRoot is the folder of the module's go.mod.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	file := strings.TrimSpace(string(out))
	if filepath.Base(file) != "go.mod" {
		return "", errors.New("find the module: run this inside the repository")
	}
	return filepath.Dir(file), nil
}

// startOurs starts the product as an operator would, with an empty data
// folder, and returns when it says that it is ready.
func startOurs(ctx context.Context, w workshop, dir string) (server, error) {
	return startProduct(ctx, w, dir, "--idle-timeout", idleTimeout.String())
}

// freeAddress returns an address that was free a moment ago. Somebody else
// may take it first; the product then says so and the bench stops.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// readyInterval is how finely a start can be timed.
const readyInterval = 5 * time.Millisecond

// waitReady asks /readyz until it answers 200.
func (s server) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	tick := time.NewTicker(readyInterval)
	defer tick.Stop()
	for {
		status, _, err := fasthttp.GetTimeout(nil, s.url+"/readyz", time.Second)
		if err == nil && status == fasthttp.StatusOK {
			return nil
		}
		select {
		case <-tick.C:
		case <-s.done:
			return fmt.Errorf("the product ended before it was ready: %s\n%s", s.cause(), s.stderr.String())
		case <-ctx.Done():
			return fmt.Errorf("wait for /readyz (status %d, %v): %w", status, err, ctx.Err())
		}
	}
}
