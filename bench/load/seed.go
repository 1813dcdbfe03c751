package load

import (
	"context"
	cryptorand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// IdleTimeout is how long a session lives after its last request, as in the original.
const IdleTimeout = 20 * time.Second

// seedTimeout leaves the first sessions half of their time for the load.
const seedTimeout = IdleTimeout / 2

// seedConnections are enough for a server that commits in groups.
const seedConnections = 64

// Strangers returns n made-up ids. Peers without sessions get them, so that the client sends
// as much to each peer.
func Strangers(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = cryptorand.Text()
	}
	return ids
}

// Seed creates n live sessions over HTTP and returns their ids, shuffled by the seed.
func Seed(ctx context.Context, base string, n int, seed uint64) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, seedTimeout)
	defer cancel()
	if !strings.HasPrefix(base, scheme) {
		return nil, fmt.Errorf("connect to %q: write the address like http://127.0.0.1:8000", base)
	}
	ids := make([]string, n)
	conns := make([]*Conn, min(seedConnections, n))
	for i := range conns {
		conns[i] = Dial(base)
		defer conns[i].Close()
	}
	err := Share(ctx, n, len(conns), func(worker, i int) (err error) {
		if ids[i], err = conns[worker].Create(); err != nil {
			err = fmt.Errorf("seed session %d of %d: %w", i+1, n, err)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("seed sessions within %s: %w", seedTimeout, err)
	}
	Shuffle(ids, seed)
	return ids, nil
}

// Shuffle orders the ids by the seed.
func Shuffle(ids []string, seed uint64) {
	order := rand.New(rand.NewPCG(seed, 0))
	order.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
}

// Share calls do for the items 0 to n-1, in that many goroutines, until the first error,
// which it returns.
func Share(ctx context.Context, n, workers int, do func(worker, i int) error) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var next atomic.Int64
	var all sync.WaitGroup
	for w := range min(workers, n) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := do(w, i); err != nil {
					fail(err)
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// WriteIDs writes one id a line into a file that only its owner can read.
func WriteIDs(file string, ids []string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write ids: %w", err)
	}
	if err = f.Chmod(0o600); err == nil {
		_, err = f.WriteString(strings.Join(ids, "\n") + "\n")
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write ids: %w", err)
	}
	return nil
}
