// Command pagesession serves sessions that end when they are not used.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"pagesession/internal/app"
	"pagesession/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends a command; a server has its own way, see package cli
	program := cli.Program{
		Args: os.Args[1:], Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Prompt: cli.Terminal{In: os.Stdin, Out: os.Stderr},
		Serve:  app.Run, Operate: app.Operate,
	}
	os.Exit(program.Main(ctx))
}
