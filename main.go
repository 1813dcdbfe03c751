// Command pagesession serves sessions that end when nobody uses them.
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
	context.AfterFunc(ctx, stop) // a second signal kills at once
	os.Exit(cli.Main(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr, app.Run))
}
