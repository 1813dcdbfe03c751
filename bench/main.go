// Bench measures session refresh: the product against peers that render the
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
)

// Exit codes: a figure that is too low or an answer that was wrong is 1, as
// is a bench that could not run; a command line that makes no sense is 2.
const (
	exitGood  = 0
	exitBad   = 1
	exitUsage = 2
)

func main() {
	os.Exit(command(os.Args[1:]))
}

// command picks what to run and returns the exit code. It never exits on its
// own, so that deferred stops and removals happen; SIGINT and SIGTERM cancel
// the context instead of killing the process.
func command(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(args) > 0 && args[0] == peerArgument {
		return exitCode(servePeer(args))
	}
	if len(args) > 0 && subcommands()[args[0]] != nil {
		return exitCode(subcommands()[args[0]](ctx, args[1:]))
	}
	return benchCommand(ctx, args)
}

// benchCommand runs the bench, prints its report and judges it.
func benchCommand(ctx context.Context, args []string) int {
	opt, err := parseOptions(args)
	if err != nil {
		return exitCode(err)
	}
	rep, err := runBench(ctx, opt)
	if err != nil {
		return exitCode(err)
	}
	rep.Command = commandLine(args)
	rep.print(os.Stdout)
	if err := rep.write(ctx, opt.results); err != nil {
		return exitCode(err)
	}
	if rep.failed(opt.noFloors) {
		return exitBad
	}
	return exitGood
}

// errUsage marks an error in the command line.
var errUsage = errors.New("see go run ./bench -help")

// exitCode says on standard error what went wrong, once, and with what code
// to leave.
func exitCode(err error) int {
	switch {
	case err == nil:
		return exitGood
	case errors.Is(err, flag.ErrHelp):
		return exitGood
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, "bench:", err)
		return exitUsage
	default:
		fmt.Fprintln(os.Stderr, "bench:", err)
		return exitBad
	}
}
