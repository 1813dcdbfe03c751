// Command keeper is a program with the product's pages that takes backups when it is
// asked to: POST /backup/?to=FILE. The product has no request for that, so the attack on
// backups runs this program, which is wired as docs/SESSIONS.md shows.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/internal/disk"
	"pagesession/internal/web"
	"pagesession/session/fiberv2"
	"pagesession/storage"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "keeper:", err)
		os.Exit(1)
	}
}

// serve takes the flags of the product that it needs, and serves until ctx is done.
func serve(ctx context.Context) error {
	addr := flag.String("addr", "127.0.0.1:8000", "address to listen on")
	dir := flag.String("data-dir", "data", "folder of sessions.db")
	idle := flag.Duration("idle-timeout", time.Minute, "idle timeout of new sessions")
	flag.Parse()
	if err := os.MkdirAll(*dir, 0o700); err != nil {
		return fmt.Errorf("create the data folder: %w", err)
	}
	store, err := storage.Open(storage.Config{Database: filepath.Join(*dir, "sessions.db")})
	if err != nil {
		return err
	}
	pages, err := handler(store, *idle)
	if err == nil {
		err = listen(ctx, *addr, pages)
	}
	return errors.Join(err, store.Close())
}

// handler is the product's pages and the request for a backup.
func handler(store *storage.Storage, idle time.Duration) (fasthttp.RequestHandler, error) {
	policy := fiberv2.DefaultConfig()
	policy.Store, policy.IdleTimeout = store.Sessions(), idle
	sessions, err := fiberv2.New(policy)
	if err != nil {
		return nil, err
	}
	app, err := web.New(web.Config{Sessions: sessions, IdleTimeout: idle, AbsoluteTimeout: policy.AbsoluteTimeout})
	if err != nil {
		return nil, err
	}
	pages := web.Handler(app)
	return func(c *fasthttp.RequestCtx) {
		if string(c.Path()) != "/backup/" {
			pages(c)
			return
		}
		if err := backUp(store, string(c.QueryArgs().Peek("to"))); err != nil {
			c.Error(err.Error(), fasthttp.StatusInternalServerError)
		}
	}, nil
}

// backUp writes a backup, durably and under its name only when it is whole.
func backUp(store *storage.Storage, to string) error {
	f, err := os.Create(to + ".part")
	if err != nil {
		return err
	}
	_, err = store.Backup(context.Background(), f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return disk.Rename(f.Name(), to)
}

func listen(ctx context.Context, addr string, pages fasthttp.RequestHandler) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &fasthttp.Server{Handler: pages}
	context.AfterFunc(ctx, func() { _ = server.Shutdown() }) // Serve returns its error
	return server.Serve(ln)
}
