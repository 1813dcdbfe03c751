package peer

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// Info returns the numbers of INFO by their names.
func (r Redis) Info(ctx context.Context) (map[string]float64, error) {
	client := goredis.NewClient(&goredis.Options{Addr: r.Addr})
	defer client.Close()
	text, err := client.Info(ctx, "all").Result()
	if err != nil {
		return nil, fmt.Errorf("ask Redis: %w", err)
	}
	numbers := map[string]float64{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			numbers[name] = n
		}
	}
	return numbers, nil
}

// Empty removes everything.
func (r Redis) Empty(ctx context.Context) error {
	client := goredis.NewClient(&goredis.Options{Addr: r.Addr, ReadTimeout: startTimeout})
	defer client.Close()
	return client.FlushAll(ctx).Err()
}
