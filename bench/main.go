// Bench measures session refresh: the product and peers that answer the same
// page, in one run, with every answer checked.
//
//	go run ./bench -help                # the commands and the flags
//	go run ./bench                      # all peers, all rounds, floors judged
//	go run ./bench -only memory,page    # two peers, no floor to judge
//	go run ./bench promises             # attacks on the server's promises
//
// README.md beside this file has the method and how to read the result.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"pagesession/bench/peer"
	"pagesession/bench/promises"
	"pagesession/bench/scenario"
)

func main() { os.Exit(exitCode(command(os.Args[1:]))) }

// command picks what to run. A signal cancels the context, and deferred functions then
// stop the servers.
func command(args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch {
	case len(args) > 0 && args[0] == peer.Argument:
		return peer.Serve(args)
	case len(args) > 0 && args[0] == "seed":
		return scenario.Seed(ctx, args[1:])
	case len(args) > 0 && args[0] == "promises":
		return promises.Command(ctx, args[1:], os.Stdout)
	default:
		return scenario.Command(ctx, args, os.Stdout)
	}
}

// exitCode prints the error and returns 2 for a bad command line, 1 for any other error.
func exitCode(err error) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fmt.Fprintln(os.Stderr, "bench:", err)
	if errors.Is(err, scenario.ErrUsage) {
		return 2
	}
	return 1
}
