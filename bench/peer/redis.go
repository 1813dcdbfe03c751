package peer

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	storage "github.com/gofiber/storage/redis/v3"
	"github.com/redis/go-redis/v9"
)

// The socket is in the peer's folder. Its path is relative, because a socket's has to be
// short.
const (
	redisProgram = "redis-server"
	redisSocket  = "redis.sock"
)

func prepareRedis(context.Context) error { return installed(redisProgram) }

// redisArguments ask for what is usual for sessions: a log that is synced each second.
func redisArguments() []string {
	return []string{
		"--port", "0", "--unixsocket", redisSocket, "--unixsocketperm", "700",
		"--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--loglevel", "warning",
	}
}

// guard returns arguments of sh that run the program, with a watcher that sends it the signal
// when the standard input ends, as it does when the bench or the peer ends in any way.
func guard(signal, program string, arguments ...string) []string {
	script := `exec 3<&0
(trap "" INT TERM HUP; cat <&3; kill -` + signal + ` $$) >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-`
	return append([]string{"-c", script, "sh", program}, arguments...)
}

// A redisApp is Fiber's session on gofiber/storage/redis, with a Redis of its own.
type redisApp struct {
	listener
	client *redis.Client
	redis  *Process
}

// redisPeer starts Redis in the working directory and waits until it answers.
func redisPeer(p Page) (listener, error) {
	signal.Ignore(os.Interrupt, syscall.SIGTERM) // endWithStdin then ends Redis first
	return startRedisApp(p, ".", redisArguments())
}

func startRedisApp(p Page, dir string, arguments []string) (*redisApp, error) {
	process, err := start(dir, "sh", guard("KILL", redisProgram, arguments...)...)
	if err != nil {
		return nil, err
	}
	// The pool has the driver's default size. The driver has no setting for Unix sockets.
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: filepath.Join(dir, redisSocket)})
	app := &redisApp{client: client, redis: process}
	if err := process.ready(context.Background(), app.ping); err != nil {
		return nil, errors.Join(err, app.Close())
	}
	if app.listener, err = sessionPeer(p, storage.NewFromConnection(client)); err != nil {
		return nil, errors.Join(err, app.Close())
	}
	return app, nil
}

// Close ends Redis and waits for its end. Call it once.
func (a *redisApp) Close() error {
	_ = a.client.Close()
	_ = a.redis.Stop() // always an error: the watcher kills Redis
	if a.redis.Alive() {
		return errors.New("redis-server is still running after a kill; stop it by hand")
	}
	return nil
}

// ping waits for the socket first: without it the client would wait and try again.
func (a *redisApp) ping(ctx context.Context) error {
	if _, err := os.Stat(a.client.Options().Addr); err != nil {
		return err
	}
	return a.client.Ping(ctx).Err()
}
