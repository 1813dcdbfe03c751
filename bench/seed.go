package main

import (
	"bytes"
	"context"
	cryptorand "crypto/rand"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// seedPatience bounds the seeding: sessions that were seeded first must still
// be far from their end when the load begins.
const seedPatience = idleTimeout / 2

// seedConnections is how many ask for a session at once: enough for a server
// that makes them durable in groups, few enough for any.
const seedConnections = 64

// strangers returns n ids that no server issued. The peers without sessions are
// sent one with each request, as the others are: a client that had less to
// send would leave them more of the machine.
func strangers(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = cryptorand.Text()
	}
	return ids
}

// seedSessions creates n live sessions over HTTP and returns their ids, in an
// order that depends on the seed alone where the ids do.
func seedSessions(ctx context.Context, base string, n int, seed uint64) ([]string, error) {
	target, err := url.Parse(base)
	if err != nil || target.Scheme != "http" || target.Host == "" {
		return nil, fmt.Errorf("seed: %q is not like http://127.0.0.1:8000", base)
	}
	ctx, cancel := context.WithTimeout(ctx, seedPatience)
	defer cancel()
	http := newHTTPClient(target.Host, seedConnections)
	defer http.CloseIdleConnections()
	ids, err := createAll(ctx, http, base+"/set/", n)
	if err != nil {
		return nil, err
	}
	shuffle := rand.New(rand.NewPCG(seed, 0))
	shuffle.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	return ids, nil
}

// createAll shares the work among the connections; the first error stops all.
func createAll(ctx context.Context, http *fasthttp.HostClient, uri string, n int) ([]string, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	ids := make([]string, n)
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(seedConnections, n) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				id, err := createOne(http, uri)
				if err != nil {
					fail(fmt.Errorf("seed session %d of %d: %w", i+1, n, err))
				}
				ids[i] = id
			}
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("seeding did not end well within %s: %w", seedPatience, context.Cause(ctx))
	}
	return ids, nil
}

// createOne asks for a session and returns a copy of its id.
func createOne(http *fasthttp.HostClient, uri string) (string, error) {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.SetRequestURI(uri)
	if err := http.Do(req, resp); err != nil {
		return "", err
	}
	id := cookieValue(resp.Header.PeekCookie(cookieName))
	if resp.StatusCode() != fasthttp.StatusOK || id == "" {
		return "", fmt.Errorf("%s answered %d without a session", uri, resp.StatusCode())
	}
	return id, nil
}

// cookieValue copies the value out of "name=value; attributes"; a missing or
// quoted-empty one is "".
func cookieValue(cookie []byte) string {
	pair, _, _ := bytes.Cut(cookie, []byte(";"))
	_, value, _ := bytes.Cut(pair, []byte("="))
	return strings.Trim(string(value), `" `)
}

// writeIDs writes one id a line into a file that only its owner can read,
// also where the file was there before: ids are secrets while they live.
func writeIDs(file string, ids []string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write ids: %w", err)
	}
	defer f.Close()
	if err := f.Chmod(0o600); err != nil {
		return fmt.Errorf("write ids: %w", err)
	}
	if _, err := f.WriteString(strings.Join(ids, "\n") + "\n"); err != nil {
		return fmt.Errorf("write ids: %w", err)
	}
	return f.Close()
}

// seedCommand is `go run ./bench seed`, for wrk and hey by hand.
func seedCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("go run ./bench seed", flag.ContinueOnError)
	n := flags.Int("n", 1000, "how many sessions")
	base := flags.String("url", "http://127.0.0.1:8000", "the server")
	file := flags.String("o", "ids.txt", "the file to write, one id a line, for its owner only")
	seed := flags.Uint64("seed", 1, "seed of their order")
	if err := parseFlags(flags, args); err != nil {
		return err
	}
	if *n < 1 || *n > maxSessions {
		return fmt.Errorf("-n %d is not within 1 to %d: %w", *n, maxSessions, errUsage)
	}
	began := time.Now()
	ids, err := seedSessions(ctx, strings.TrimSuffix(*base, "/"), *n, *seed)
	if err != nil {
		return err
	}
	if err := writeIDs(*file, ids); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d live sessions in %s, seeded in %.1f s; each lives %s from its last visit\n",
		*n, *file, time.Since(began).Seconds(), idleTimeout)
	return nil
}
