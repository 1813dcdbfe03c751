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

// Seed is `go run ./bench seed`, for wrk and hey by hand.
func Seed(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("go run ./bench seed", flag.ContinueOnError)
	n := flags.Int("n", 1000, "how many sessions")
	base := flags.String("url", "http://127.0.0.1:8000", "the server")
	file := flags.String("o", "ids.txt", "the file to write, one id a line, for its owner only")
	seed := flags.Uint64("seed", 1, "seed of their order")
	if err := parseFlags(flags, args); err != nil {
		return err
	}
	if err := within(n, 1, maxSessions)(); err != nil {
		return fmt.Errorf("-n: %w: %w", err, ErrUsage)
	}
	began := time.Now()
	ids, err := load.Seed(ctx, strings.TrimSuffix(*base, "/"), *n, *seed)
	if err != nil {
		return err
	}
	if err := load.WriteIDs(*file, ids); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d live sessions in %s, seeded in %.1f s; each lives %s from its last request\n",
		*n, *file, time.Since(began).Seconds(), load.IdleTimeout)
	return nil
}
