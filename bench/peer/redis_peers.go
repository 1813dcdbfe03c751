package peer

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/gob"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/alexedwards/scs/redisstore"
	"github.com/alexedwards/scs/v2"
	fiberredis "github.com/gofiber/storage/redis/v3"
	redigo "github.com/gomodule/redigo/redis"
	goredis "github.com/redis/go-redis/v9"

	"pagesession/bench/load"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// Packages is the name of the peer of OnRedis that has the product's packages without the
// product.
const Packages = "packages"

// startOnRedis starts the product on the workshop's Redis.
func startOnRedis(ctx context.Context, w Workshop, dir string) (Server, error) {
	return StartProduct(ctx, w, dir, "--idle-timeout", load.IdleTimeout.String(), "--sessions", "redis://"+w.Redis)
}

// OnRedis returns the peers that keep their sessions in the Redis of Workshop.Redis, over
// TCP: the named ones, or all of them for no name.
func OnRedis(only ...string) []Peer {
	return chosen(only, []Peer{
		{Name: Product, About: "pagesession --sessions redis://...", Sessions: true, prepare: prepareRedis, start: startOnRedis, fill: fillPackages},
		{Name: Packages, About: "the same packages behind the peers' template: session/fiberv2 on storage/redis", Sessions: true, prepare: prepareRedis, serveOn: packagesPeer, fill: fillPackages},
		{Name: "fiber", About: "Fiber's session on gofiber/storage/redis", Sessions: true, prepare: prepareRedis, serveOn: fiberRedisPeer, fill: fillFiber},
		{Name: "scs", About: "net/http with alexedwards/scs on its redisstore", Sessions: true, prepare: prepareRedis, serveOn: scsRedisPeer, fill: fillSCS},
	})
}

// fiberRedisPeer is Fiber's session middleware on the driver with its defaults.
func fiberRedisPeer(p Page, addr string) (listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	return sessionPeer(p, fiberredis.New(fiberredis.Config{Host: host, Port: number}))
}

// idleConnections keeps a connection for each of the load's: with fewer, as in redisstore's
// README, the pool would dial for most requests.
const idleConnections = 256

func scsRedisPeer(p Page, addr string) (listener, error) {
	pool := &redigo.Pool{MaxIdle: idleConnections, Dial: func() (redigo.Conn, error) { return redigo.Dial("tcp", addr) }}
	return newSCSApp(p, redisstore.New(pool))
}

// Fill writes n live sessions of the peer into the Redis of the workshop, and returns their
// ids, ordered by the seed. They live for LongLife.
func (p Peer) Fill(ctx context.Context, w Workshop, n int, seed uint64) ([]string, error) {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = rand.Text()
	}
	if err := p.fill(ctx, w.Redis, ids); err != nil {
		return nil, fmt.Errorf("write sessions of %s: %w", p.Name, err)
	}
	load.Shuffle(ids, seed)
	return ids, nil
}

// fillWriters share the connections of the store.
const fillWriters = 256

func fillPackages(ctx context.Context, addr string, ids []string) error {
	return fillStore(ctx, addr, ids, false)
}

// FillRedis writes n live sessions of the product into a Redis, without the index if noIndex is
// true.
func FillRedis(ctx context.Context, addr string, n int, noIndex bool) error {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = rand.Text()
	}
	return fillStore(ctx, addr, ids, noIndex)
}

func fillStore(ctx context.Context, addr string, ids []string, noIndex bool) error {
	value, err := SessionValue(load.VisitorName)
	if err != nil {
		return err
	}
	store, err := redis.Open(ctx, redis.Config{Addresses: []string{addr}, CommandTimeout: load.AnswerTimeout, NoIndex: noIndex})
	if err != nil {
		return err
	}
	defer store.Close()
	life := LongLife()
	return load.Share(ctx, len(ids), fillWriters, func(_, i int) error {
		_, err := store.Create(context.Background(), record.KeyOf(ids[i]), record.Content{Value: value, Idle: life.Idle}, life.Absolute)
		return err
	})
}

func fillFiber(ctx context.Context, addr string, ids []string) error {
	var value bytes.Buffer
	if err := gob.NewEncoder(&value).Encode(map[string]any{"name": load.VisitorName}); err != nil {
		return err
	}
	return fillPlain(ctx, addr, "", ids, value.Bytes())
}

func fillSCS(ctx context.Context, addr string, ids []string) error {
	value, err := scs.GobCodec{}.Encode(time.Now().Add(LongLife().Absolute), map[string]any{"name": load.VisitorName})
	if err != nil {
		return err
	}
	return fillPlain(ctx, addr, "scs:session:", ids, value)
}

// fillPlain sets a key for each id, in one pipeline.
func fillPlain(ctx context.Context, addr, prefix string, ids []string, value []byte) error {
	client := goredis.NewClient(&goredis.Options{Addr: addr, ReadTimeout: startTimeout, WriteTimeout: startTimeout})
	defer client.Close()
	_, err := client.Pipelined(ctx, func(to goredis.Pipeliner) error {
		for _, id := range ids {
			to.Set(ctx, prefix+id, value, LongLife().Idle)
		}
		return nil
	})
	return err
}
