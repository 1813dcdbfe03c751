package peer

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strconv"
	"time"
)

// A Redis is a redis-server of the bench, which the peers of OnRedis share.
type Redis struct {
	Addr string // 127.0.0.1:PORT
	*Process
}

// redisAttempts is how often a start is tried: another program can take the port that was
// free a moment ago.
const redisAttempts = 3

// StartRedis starts a redis-server that keeps its files in dir, and returns once it answers.
// appendfsync is the setting of that name, such as everysec; more are further arguments of
// the program. It ends with the bench; end it by Kill, which spares the last write.
func StartRedis(ctx context.Context, dir, appendfsync string, more ...string) (r Redis, err error) {
	for range redisAttempts {
		if r, err = startRedis(ctx, dir, appendfsync, more); err == nil || ctx.Err() != nil {
			return r, err
		}
	}
	return Redis{}, err
}

func startRedis(ctx context.Context, dir, appendfsync string, more []string) (Redis, error) {
	port, err := freePort()
	if err != nil {
		return Redis{}, err
	}
	r := Redis{Addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	arguments := append([]string{
		"--bind", "127.0.0.1", "--port", strconv.Itoa(port),
		"--appendonly", "yes", "--appendfsync", appendfsync, "--save", "", "--loglevel", "warning",
	}, more...)
	if r.Process, err = start(dir, "sh", guard("KILL", redisProgram, arguments...)...); err != nil {
		return Redis{}, err
	}
	if err := r.ready(ctx, r.ping); err != nil {
		_ = r.Kill()
		return Redis{}, err
	}
	return r, nil
}

// ping has a connection of its own: a client would log that nothing listens yet.
func (r Redis) ping(context.Context) error {
	c, err := net.DialTimeout("tcp", r.Addr, time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Second)) // an error shows in the next call
	if _, err := c.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || line != "+PONG\r\n" {
		return fmt.Errorf("PING = %q, %w", line, err)
	}
	return nil
}
