// Packages makes the packages for Debian and for distributions with rpm, of the programs that
// deploy/dist has built.
//
//	go run ./deploy/dist --only linux/amd64,linux/arm64    (one of them is enough)
//	go -C deploy/packages run .
//
// It runs in its own folder of a clone, on Linux, since the program itself writes its manual
// pages and completions. It writes pagesession_VERSION_PROCESSOR.deb and
// pagesession-VERSION-1.PROCESSOR.rpm beside the programs, and adds them to SHA256SUMS. The same
// programs give the same bytes.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	var r run
	flag.StringVar(&r.dist, "dist", "../../dist", "the `folder` of deploy/dist")
	flag.StringVar(&r.maintainer, "maintainer", "pagesession authors <authors@pagesession.invalid>", "`who` answers for the packages, with an e-mail address")
	flag.Parse()
	r.source, r.say = "../..", os.Stdout
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := r.make(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "packages:", err)
		os.Exit(1)
	}
}
