// Package peer starts the servers that the bench measures.
package peer

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"time"
)

// A Peer is a server to measure. Each load gets a fresh process, one at a time.
type Peer struct {
	Name     string
	About    string
	Sessions bool // /get/ needs a live id and sends the cookie again
	Durable  bool // /set/ answers once the session is on disk; creations are measured
	Most     int  // sessions that it creates in time; 0 for any number

	prepare func(ctx context.Context) error // see Prepare; nil needs nothing
	start   func(ctx context.Context, w Workshop, dir string) (Server, error)
	serve   func(Page) (listener, error)                                // in place of start, for a peer that this program serves
	serveOn func(p Page, redis string) (listener, error)                // serve, for a peer of OnRedis
	fill    func(ctx context.Context, redis string, ids []string) error // see Fill
}

// A Workshop has what is needed to start a peer.
type Workshop struct {
	Self    string // this program, which also serves the Go peers
	Product string // the product's binary
	Page    Page   // the product's page
	Redis   string // host and port of the Redis that the peers of OnRedis use

	Patience time.Duration // how long StartProduct waits; 0: startTimeout
}

// Product is the name of the product among the peers. It is the one that is judged.
const Product = "ours"

// All returns every peer, in the order of the report.
func All() []Peer {
	return []Peer{
		{Name: Product, About: "pagesession, built from this repository", Sessions: true, Durable: true, start: startJudged},
		{Name: "page", About: "the page without a session", serve: pagePeer},
		{Name: "constant", About: "one answer of ours again and again, headers included", serve: constantPeer},
		{Name: "memory", About: "Fiber's session on its memory store", Sessions: true, serve: memoryPeer},
		{Name: "scs", About: "net/http with alexedwards/scs on its memory store", Sessions: true, serve: scsPeer},
		{Name: "express", About: "Node's Express with express-session on its memory store", Sessions: true, prepare: prepareExpress, start: startExpress},
		{Name: "redis", About: "Fiber's session on Redis over a unix socket, appendonly yes, appendfsync everysec", Sessions: true, prepare: prepareRedis, serve: redisPeer},
		{Name: "stock", About: "Fiber's session on the stock bbolt driver, gofiber/storage/bbolt", Sessions: true, Durable: true, serve: stockPeer},
		{Name: "django", About: "the original's stack: Django on gunicorn, sessions in SQLite", Sessions: true, Most: 200, prepare: prepareDjango, start: startDjango},
	}
}

// installed returns an error for the first program that is missing.
func installed(programs ...string) error {
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Errorf("%s is not installed", name)
		}
	}
	return nil
}

// Names returns the peers' names.
func Names() []string {
	var names []string
	for _, p := range All() {
		names = append(names, p.Name)
	}
	return names
}

// Choose returns the named peers; all of them for no name.
func Choose(only []string) []Peer { return chosen(only, All()) }

func chosen(only []string, list []Peer) []Peer {
	return slices.DeleteFunc(list, func(p Peer) bool { return len(only) > 0 && !slices.Contains(only, p.Name) })
}

// Prepare installs what a peer needs, where that is possible, or returns what is missing.
func (p Peer) Prepare(ctx context.Context) error {
	if p.prepare == nil {
		return nil
	}
	return p.prepare(ctx)
}

// Start starts a process that keeps its files in dir, and returns once it answers.
func (p Peer) Start(ctx context.Context, w Workshop, dir string) (Server, error) {
	if err := w.Page.write(dir); err != nil {
		return Server{}, err
	}
	start := p.start
	if start == nil {
		start = p.startSelf
	}
	srv, err := start(ctx, w, dir)
	if err != nil {
		err = fmt.Errorf("start peer %s: %w", p.Name, err)
	}
	return srv, err
}

// Argument is the hidden argument with which the bench runs as a peer.
const Argument = "-peer"

// A listener serves the connections of a net.Listener.
type listener interface {
	Listener(net.Listener) error
}

// startSelf starts this program again, as the peer.
func (p Peer) startSelf(ctx context.Context, w Workshop, dir string) (Server, error) {
	return startAt(ctx, "/get/", func(addr string) (*Process, error) {
		arguments := []string{Argument, p.Name, "-addr", addr}
		if p.serveOn != nil {
			arguments = append(arguments, "-redis", w.Redis)
		}
		return start(dir, w.Self, arguments...)
	})
}

// Serve runs as a peer, for the arguments `-peer NAME -addr ADDR`, with `-redis ADDR` behind
// them as one of OnRedis. The working directory has its page. The process ends with its
// standard input.
func Serve(args []string) error {
	onRedis := len(args) == 6 && args[4] == "-redis"
	if len(args) != 4 && !onRedis || args[2] != "-addr" {
		return fmt.Errorf("start a peer: want %s NAME -addr ADDR, or -redis ADDR behind it", Argument)
	}
	page, err := readPage(".")
	if err != nil {
		return err
	}
	var served listener
	if onRedis {
		served, err = serveOnRedis(args[1], page, args[5])
	} else {
		served, err = serveAlone(args[1], page)
	}
	if err != nil {
		return err
	}
	at, err := net.Listen("tcp", args[3])
	if err != nil {
		return fmt.Errorf("serve peer %s: %w", args[1], err)
	}
	go endWithStdin(served)
	return served.Listener(at)
}

func serveAlone(name string, page Page) (listener, error) {
	for _, p := range Choose([]string{name}) {
		if p.serve != nil {
			return p.serve(page)
		}
	}
	return nil, fmt.Errorf("the bench does not serve a peer %q", name)
}

func serveOnRedis(name string, page Page, addr string) (listener, error) {
	for _, p := range OnRedis(name) {
		if p.serveOn != nil {
			return p.serveOn(page, addr)
		}
	}
	return nil, fmt.Errorf("the bench does not serve a peer %q on Redis", name)
}

// endWithStdin ends this process when its standard input ends, after the peer's own child.
func endWithStdin(served listener) {
	_, _ = io.Copy(io.Discard, os.Stdin)
	if owner, ok := served.(io.Closer); ok {
		_ = owner.Close() // this process ends either way
	}
	os.Exit(0)
}
