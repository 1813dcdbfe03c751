package peer

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// Argument is the hidden argument that turns the bench into a peer.
const Argument = "-peer"

// A listener serves what comes in on a listener: a Fiber app, or anything else
// in the same place.
type listener interface {
	Listener(net.Listener) error
	ShutdownWithTimeout(time.Duration) error
}

// app returns one of the bench's own peers. Its files are made in the working
// directory, which is its own.
func app(name string, p Page) (listener, error) {
	makers := map[string]func(Page) (listener, error){
		"page": pagePeer, "constant": constantPeer, "memory": memoryPeer, "scs": scsPeer, "redis": redisPeer, "stock": stockPeer,
	}
	if makers[name] == nil {
		return nil, fmt.Errorf("no peer %q", name)
	}
	return makers[name](p)
}

// selfStarter starts one of the bench's own peers: the bench again, told which.
func selfStarter(name string) func(context.Context, Workshop, string) (Server, error) {
	return func(ctx context.Context, w Workshop, dir string) (Server, error) {
		return startAt(ctx, "/get/", func(addr string) (*Process, error) {
			return start(dir, w.Self, Argument, name, "-addr", addr)
		})
	}
}

// Serve is the child's side: `-peer NAME -addr ADDR`. It serves until its
// standard input ends, which happens when the bench does.
func Serve(args []string) error {
	if len(args) != 4 || args[2] != "-addr" {
		return fmt.Errorf("want %s NAME -addr ADDR", Argument)
	}
	page, err := readPage(".")
	if err != nil {
		return err
	}
	served, err := app(args[1], page)
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

// endWithStdin ends the process when its standard input does. A peer that has
// a process of its own ends that first.
func endWithStdin(served listener) {
	_, _ = io.Copy(io.Discard, os.Stdin)
	if owner, ok := served.(io.Closer); ok {
		_ = owner.Close() // what it says is of no use any more
	}
	os.Exit(0)
}
