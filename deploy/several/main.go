// Several starts Redis, PostgreSQL, three servers and nginx on this machine, without
// containers, and stops them at Ctrl-C:
//
//	go run ./deploy/several --dir /var/tmp/pagesession
//	go run ./deploy/several --servers 2 -- --idle-timeout 30m
//
// Flags of the servers stand behind --.
//
// It needs Debian's packages redis-server, postgresql and nginx-light, or the same programs
// from elsewhere. What it starts listens on the loopback only. The folder keeps all data,
// logs and passwords; without --dir it is a new one, which is removed at the end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"pagesession/deploy/onemachine"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "several:", err)
		os.Exit(1)
	}
}

// run starts all, says where on out, and stops all when ctx is done.
func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("go run ./deploy/several", flag.ContinueOnError)
	dir := flags.String("dir", "", "keep everything in this `folder`; default: a new one, removed at the end")
	addr := flags.String("addr", "127.0.0.1:8080", "where nginx listens, a `host:port` of the loopback; port 0 picks a free one")
	servers := flags.Int("servers", 3, "how many servers to start")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *servers < 1 {
		return errors.New("--servers must be at least 1")
	}
	folder, remove, err := folderOf(*dir)
	if err != nil {
		return err
	}
	defer remove()
	program, err := build(ctx, folder)
	if err != nil {
		return err
	}
	if *addr == "127.0.0.1:0" {
		*addr = ""
	}
	m, err := onemachine.Start(ctx, onemachine.Config{Dir: folder, Program: program, Servers: *servers, Flags: flags.Args(), Ports: []onemachine.Port{{Addr: *addr}}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Stop()) }()
	fmt.Fprintf(out, "%d servers behind http://%s/, logs in %s; Ctrl-C stops all\n", *servers, m.Ports[0], filepath.Join(folder, "log"))
	fmt.Fprintf(out, "to create the first operator: %s createsuperuser --data-dir %q --accounts %q\n", program, filepath.Join(folder, "server-1"), m.Accounts)
	select {
	case <-ctx.Done():
		fmt.Fprintln(out, "stopping")
		return nil
	case p := <-m.Died():
		return fmt.Errorf("%s has ended; its log is %s", p.Name, p.Log)
	}
}

// folderOf returns an absolute path, and what to do with the folder at the end.
func folderOf(dir string) (path string, remove func(), err error) {
	if dir != "" {
		path, err = filepath.Abs(dir)
		return path, func() {}, err
	}
	path, err = os.MkdirTemp("", "pagesession-several-")
	if err == nil {
		err = os.Chmod(path, 0o711) // PostgreSQL's user enters it
	}
	return path, func() { _ = os.RemoveAll(path) }, err
}

// build builds the server of this repository.
func build(ctx context.Context, dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return "", fmt.Errorf("create the folder: %w; choose another one with --dir", err)
	}
	program := filepath.Join(dir, "pagesession")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "pagesession").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the server; run this inside the repository: %w\n%s", err, out)
	}
	return program, nil
}
