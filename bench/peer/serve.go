package peer

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
)

// Argument is the hidden argument that turns the bench into a peer.
const Argument = "-peer"

// A listener serves what comes in on a listener.
type listener interface {
	Listener(net.Listener) error
}

// startSelf starts one of the bench's own peers: the bench again, told which.
func (p Peer) startSelf(ctx context.Context, w Workshop, dir string) (Server, error) {
	return startAt(ctx, "/get/", func(addr string) (*Process, error) {
		return start(dir, w.Self, Argument, p.Name, "-addr", addr)
	})
}

// Serve is the child's side: `-peer NAME -addr ADDR`. It serves until its
// standard input ends, which happens when the bench does. Its files are made in
// the working directory, which is its own.
func Serve(args []string) error {
	if len(args) != 4 || args[2] != "-addr" {
		return fmt.Errorf("want %s NAME -addr ADDR", Argument)
	}
	page, err := readPage(".")
	if err != nil {
		return err
	}
	chosen := Choose(args[1:2])
	if len(chosen) == 0 || chosen[0].serve == nil {
		return fmt.Errorf("the bench does not serve a peer %q", args[1])
	}
	served, err := chosen[0].serve(page)
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
