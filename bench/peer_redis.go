package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
	storage "github.com/gofiber/storage/redis/v3"
	"github.com/redis/go-redis/v9"
)

// What the redis peer starts, and where it listens: a socket in the peer's own
// folder, which is faster than a port and is nobody else's. The path is
// relative, for a socket's may have no more than 100 letters or so.
const (
	redisProgram = "redis-server"
	redisSocket  = "redis.sock"
)

// redisArguments ask for what is usual where sessions shall survive a restart:
// a log on disk, written out every second. The last second can be lost.
var redisArguments = []string{
	"--port", "0", "--unixsocket", redisSocket, "--unixsocketperm", "700",
	"--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--loglevel", "warning",
}

// redisGuard becomes the program, and leaves a watcher beside it that kills it
// when the standard input ends. The peer holds the other end of that: however
// the peer dies, Redis does too. Signals from a terminal reach everybody; the
// watcher leaves them to the others.
const redisGuard = `exec 3<&0
(trap "" INT TERM HUP; cat <&3; kill -KILL $$) >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-`

// A redisApp is Fiber's session on gofiber/storage/redis, and the Redis under
// it. Close ends that Redis; it may be called once.
type redisApp struct {
	*fiber.App
	client *redis.Client
	redis  *redisProcess
}

// redisPeer starts Redis in the working directory, and waits for it.
func redisPeer() (peerServer, error) {
	signal.Ignore(os.Interrupt, syscall.SIGTERM) // the standard input tells, then Redis goes first
	return startRedisApp(".")
}

func startRedisApp(dir string) (*redisApp, error) {
	process, err := startRedis(dir)
	if err != nil {
		return nil, err
	}
	// The driver's own default for the pool; it has no field for a socket's network.
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: filepath.Join(dir, redisSocket)})
	app := &redisApp{client: client, redis: process}
	if err := app.wait(); err != nil {
		return nil, errors.Join(err, app.Close())
	}
	app.App = sessionPeer(storage.NewFromConnection(client))
	return app, nil
}

// Close ends Redis and returns when it has gone.
func (a *redisApp) Close() error {
	_ = a.client.Close()
	return a.redis.end()
}

// wait asks until Redis answers or has ended.
func (a *redisApp) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), startPatience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		err := a.ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-a.redis.done:
			return fmt.Errorf("start redis-server: %w", a.redis.err)
		case <-ctx.Done():
			return fmt.Errorf("wait for redis-server: %w", err)
		}
	}
}

// ping asks once there is somebody to ask: the client itself tries, and waits,
// several times over.
func (a *redisApp) ping(ctx context.Context) error {
	if _, err := os.Stat(a.client.Options().Addr); err != nil {
		return err
	}
	return a.client.Ping(ctx).Err()
}

// A redisProcess is Redis with its guard. One goroutine waits for it.
type redisProcess struct {
	cmd   *exec.Cmd
	stdin io.Closer
	done  chan struct{} // closed when it has ended
	err   error         // how; read after done
}

// startRedis starts Redis in dir. What it complains of goes to our standard
// error, which also keeps whoever reads that waiting until it has gone.
func startRedis(dir string) (*redisProcess, error) {
	cmd := exec.Command("sh", append([]string{"-c", redisGuard, "sh", redisProgram}, redisArguments...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, os.Stderr, os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start redis-server: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start redis-server: %w", err)
	}
	p := &redisProcess{cmd: cmd, stdin: stdin, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// end lets the guard kill Redis and waits for that.
func (p *redisProcess) end() error {
	_ = p.stdin.Close()
	select {
	case <-p.done:
		return nil
	case <-time.After(stopPatience):
		return errors.New("redis-server cannot be killed")
	}
}
