package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"time"
)

// A peer is a server to measure. Every load gets a fresh process of it, and
// only one runs at a time: what a peer left behind in an earlier round, or
// does while idle, is in nobody's figures.
type peer struct {
	name     string
	about    string
	sessions bool   // /get/ needs a seeded id and sends the cookie again
	durable  bool   // /set/ answers after the session is on disk
	mayCrash bool   // known to die: a result, not a failure
	needs    string // a program without which it cannot run; "": none
	start    func(ctx context.Context, w workshop, dir string) (server, error)
}

// missing reports whether what the peer needs is not installed.
func (p peer) missing() bool {
	if p.needs == "" {
		return false
	}
	_, err := exec.LookPath(p.needs)
	return err != nil
}

// ours is the name of the product among the peers: the one that is judged.
const ours = "ours"

// allPeers is every peer, in the order of the report.
func allPeers() []peer {
	return []peer{
		{name: ours, about: "pagesession, as built from this repository", sessions: true, durable: true, start: startOurs},
		{name: "page", about: "the page without a session", start: selfStarter("page")},
		{name: "constant", about: "constant bytes, those of an answer of ours, headers included", start: startConstant},
		{name: "memory", about: "Fiber's session on its memory store", sessions: true, start: selfStarter("memory")},
		{name: "scs", about: "net/http with alexedwards/scs on its memory store", sessions: true, start: selfStarter("scs")},
		{name: "redis", about: "Fiber's session on Redis over a unix socket, appendonly yes, appendfsync everysec", sessions: true, needs: redisProgram, start: selfStarter("redis")},
		{name: "stock", about: "Fiber's session on the stock bbolt driver, gofiber/storage/bbolt", sessions: true, durable: true, mayCrash: true, start: selfStarter("stock")},
	}
}

// peerNames lists them for flags and errors.
func peerNames() []string {
	var names []string
	for _, p := range allPeers() {
		names = append(names, p.name)
	}
	return names
}

// choosePeers returns the named peers; for no name, all that can run here.
func choosePeers(only []string) []peer {
	if len(only) == 0 {
		return slices.DeleteFunc(allPeers(), peer.missing)
	}
	return slices.DeleteFunc(allPeers(), func(p peer) bool { return !slices.Contains(only, p.name) })
}

// A workshop is what starting a peer needs: our own program, which serves the
// peers, and the product's, empty where it was not built.
type workshop struct {
	self    string
	product string
	answer  []byte // what ours answers to /get/; nil where it was not asked
}

// A server is a running peer.
type server struct {
	url string // http://127.0.0.1:PORT
	*child
}

// startPatience bounds the wait for a server to answer.
const startPatience = 20 * time.Second

// peerArgument is the hidden argument that turns the bench into a peer.
const peerArgument = "-peer"

// selfStarter starts one of the bench's own peers: the bench again, told
// which. It prints its address when it listens.
func selfStarter(name string) func(context.Context, workshop, string) (server, error) {
	return func(ctx context.Context, w workshop, dir string) (server, error) {
		c, err := startChild(dir, w.self, peerArgument, name, "-addr", "127.0.0.1:0")
		if err != nil {
			return server{}, err
		}
		ctx, cancel := context.WithTimeout(ctx, startPatience)
		defer cancel()
		select {
		case addr := <-c.first:
			return server{url: "http://" + addr, child: c}, nil
		case <-c.done:
			return server{}, fmt.Errorf("start peer %s: %s", name, c.cause())
		case <-ctx.Done():
			return server{}, errors.Join(fmt.Errorf("start peer %s: %w", name, ctx.Err()), c.stop())
		}
	}
}

// servePeer is the child's side: `-peer NAME -addr ADDR`. It serves until
// its standard input ends, which happens when the bench does.
func servePeer(args []string) error {
	if len(args) != 4 || args[2] != "-addr" {
		return fmt.Errorf("%s NAME -addr ADDR: %w", peerArgument, errUsage)
	}
	app, err := peerApp(args[1])
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", args[3])
	if err != nil {
		return fmt.Errorf("serve peer %s: %w", args[1], err)
	}
	go endWithStdin(app)
	fmt.Println(listener.Addr())
	return app.Listener(listener)
}

// endWithStdin ends the process when its standard input does. A peer that has
// a process of its own ends that first.
func endWithStdin(app peerServer) {
	_, _ = io.Copy(io.Discard, os.Stdin)
	if owner, ok := app.(io.Closer); ok {
		_ = owner.Close() // what it says is of no use to anybody now
	}
	os.Exit(exitGood)
}

// A peerServer serves what comes in on a listener: a Fiber app, or anything
// else in the same place.
type peerServer interface {
	Listener(net.Listener) error
	ShutdownWithTimeout(time.Duration) error
}

// peerApp returns one of the bench's own peers. Its files are made in the
// working directory, which is its own.
func peerApp(name string) (peerServer, error) {
	switch name {
	case "constant":
		return constantPeerHere()
	case "scs":
		return scsPeer()
	case "redis":
		return redisPeer()
	case "memory":
		return memoryPeer(), nil
	case "stock":
		return stockPeer(), nil
	case "page":
		return pagePeer(), nil
	default:
		return nil, fmt.Errorf("no peer %q: %w", name, errUsage)
	}
}
