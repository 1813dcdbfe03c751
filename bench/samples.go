package main

import (
	"context"
	"fmt"
	"time"
)

// A sample is what the server looks like at one moment.
type sample struct {
	Second  float64 `json:"second"` // since the trial's load began
	RSS     int64   `json:"rss"`
	File    int64   `json:"file"`
	Threads int     `json:"threads"`
	Files   int     `json:"open_files"`
}

// takeSample looks at the product that works in dir.
func takeSample(srv server, dir string, began time.Time) (sample, error) {
	u, err := srv.usage()
	if err != nil {
		return sample{}, err
	}
	size, err := fileSize(sessionFile(dir))
	return sample{
		Second: time.Since(began).Seconds(), RSS: u.RSS, File: size, Threads: u.Threads, Files: u.Files,
	}, err
}

// every calls do at once and then at each interval, until the context ends or
// do fails.
func every(ctx context.Context, interval time.Duration, do func() error) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := do(); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// A flatness says whether something stopped growing: its most in the second
// half against its most in the first.
type flatness struct {
	First  float64 `json:"first_half_max"`
	Second float64 `json:"second_half_max"`
	AtMost float64 `json:"at_most"` // allowed, as a multiple of First
}

// flat compares the halves of a series; slack is an amount that is always
// allowed on top. A series of one has no halves and is flat.
func flat(values []float64, atMost, slack float64) (f flatness, ok bool) {
	f.AtMost = atMost
	half := len(values) / 2
	for i, v := range values {
		if i < half {
			f.First = max(f.First, v)
		} else {
			f.Second = max(f.Second, v)
		}
	}
	return f, half == 0 || f.Second <= f.First*atMost+slack
}

// grown is the complaint about a series in bytes that is not flat; "" for one
// that is.
func grown(what string, values []float64, atMost, slack float64) string {
	f, ok := flat(values, atMost, slack)
	if ok {
		return ""
	}
	return fmt.Sprintf("%s grew: at most %.1f MiB in the first half, %.1f MiB in the second, allowed %g times",
		what, f.First/(1<<20), f.Second/(1<<20), f.AtMost)
}

// column takes one figure out of each element.
func column[T any](list []T, figure func(T) float64) []float64 {
	values := make([]float64, len(list))
	for i, x := range list {
		values[i] = figure(x)
	}
	return values
}
