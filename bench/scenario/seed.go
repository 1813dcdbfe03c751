package scenario

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"pagesession/bench/load"
)

// Seed is `go run ./bench seed`: it creates live sessions on a running server and writes
// their ids, for wrk by hand.
func Seed(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("go run ./bench seed", flag.ContinueOnError)
	n := flags.Int("n", 1000, "number of sessions")
	base := flags.String("url", "http://127.0.0.1:8000", "address of the server")
	file := flags.String("o", "ids.txt", "file to write, one id a line, readable by its owner only")
	seed := flags.Uint64("seed", 1, "seed of the order of the ids")
	if err := parseFlags(flags, args); err != nil {
		return err
	}
	if err := within(n, 1, maxSessions)(); err != nil {
		return fmt.Errorf("-n: %w; %w", err, ErrUsage)
	}
	began := time.Now()
	ids, err := load.Seed(ctx, strings.TrimSuffix(*base, "/"), *n, *seed)
	if err != nil {
		return err
	}
	if err := load.WriteIDs(*file, ids); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "wrote %d live session ids to %s in %.1f s; each session lives for %s after its last request\n",
		*n, *file, time.Since(began).Seconds(), load.IdleTimeout)
	return nil
}
