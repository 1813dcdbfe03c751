// Bench measures session refresh: the product against peers that answer the
// same page, in one run, with every answer checked.
//
//	go run ./bench                      # all peers, all rounds, floors judged
//	go run ./bench -only memory,page    # some peers, nothing to judge
//	go run ./bench quick                # ratios and generous floors, under a minute
//	go run ./bench scale                # 1,000 to 1,000,000 live sessions
//	go run ./bench flood                # creations until the cap, then quiet
//	go run ./bench mixed                # refresh, peek, creation, deletion
//	go run ./bench growth               # the file under a fixed rate of touches
//	go run ./bench console              # what operators cost visitors
//	go run ./bench seed -n 1000 -url http://127.0.0.1:8000 -o ids.txt
//
// See README.md beside this file for the method and how to read the result.
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
	"pagesession/bench/scenario"
)

func main() { os.Exit(exitCode(command(os.Args[1:]))) }

// command picks what to run. A signal cancels the context, so that deferred stops happen.
func command(args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch {
	case len(args) > 0 && args[0] == peer.Argument:
		return peer.Serve(args)
	case len(args) > 0 && args[0] == "seed":
		return scenario.Seed(ctx, args[1:])
	default:
		return scenario.Command(ctx, args, os.Stdout)
	}
}

// exitCode says what went wrong: 2 is a bad command line, 1 everything else.
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
