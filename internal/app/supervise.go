package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"pagesession/storage/record"
)

// Times of what systemd is told.
const (
	// A start that makes progress is given extension from then on, each extensionPause. A
	// start that hangs ends after extension at most.
	extension      = 30 * time.Second
	extensionPause = 5 * time.Second
	// stopTime is above the 5 s that a stop takes at most.
	stopTime = 10 * time.Second
	// statusPause is between two looks at the states that "systemctl status" shows.
	statusPause = 10 * time.Second
	// beats is how often the watchdog hears of the server in its time: one may be late.
	beats = 3
)

// A progress is a context that counts how often it is asked whether it is done. A start asks
// at each page of a file and at each attempt to reach Redis, so it goes on while the
// count grows.
type progress struct {
	context.Context
	asked atomic.Uint64
}

func (p *progress) Err() error {
	p.asked.Add(1)
	return p.Context.Err()
}

// supervised tells systemd that the start is done, and how the server is from now on until
// the stop begins.
func (a *app) supervised(url string) {
	service := a.process.Systemd
	if service == nil {
		return
	}
	service.Ready(a.status(url))
	go each(statusPause, a.done, func(tick <-chan time.Time) { a.report(url, tick) })
	if pause := service.Watchdog / beats; pause > 0 {
		go each(pause, a.done, func(tick <-chan time.Time) { a.beat(service.Watchdog, tick) })
	}
}

// each passes a tick at each pause, and closes the channel when done is closed.
func each(pause time.Duration, done <-chan struct{}, do func(tick <-chan time.Time)) {
	ticker, ticks := time.NewTicker(pause), make(chan time.Time)
	defer ticker.Stop()
	go do(ticks)
	defer close(ticks)
	for {
		select {
		case <-done:
			return
		case t := <-ticker.C:
			select {
			case ticks <- t:
			case <-done:
				return
			}
		}
	}
}

// extend gives a start that makes progress more time at each tick.
func (a *app) extend(p *progress, tick <-chan time.Time) {
	var last uint64
	for range tick {
		if now := p.asked.Load(); now != last {
			last = now
			a.process.Systemd.Extend(extension)
		}
	}
}

// beat tells the watchdog at each tick that the server answers. A question that is not
// answered within the time is logged, and the next one follows; systemd ends a server that
// answers none.
func (a *app) beat(within time.Duration, tick <-chan time.Time) {
	for range tick {
		if err := a.answers(within); err != nil {
			a.log.Error("the server does not answer; if that goes on, the watchdog of systemd ends it", slog.Any("error", err))
			continue
		}
		a.process.Systemd.Beat()
	}
}

// answers asks the server for a page, and the store of visitors' sessions for one that does
// not exist. It returns an error if one of them does not come back in time. What they say does not
// matter: with a disk that hangs, a detached file or without Redis the server still answers,
// and a restart would only end sessions. Neither waits for a disk.
func (a *app) answers(within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	if err := a.server.Answers(ctx); err != nil {
		return err
	}
	var k record.Key
	_, _ = rand.Read(k[:]) // never fails
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		_, _ = a.visitors.policyStore().Peek(ctx, k) // an error is an answer
	}()
	select {
	case <-asked:
		return nil
	case <-time.After(within):
		return fmt.Errorf("the store of visitors' sessions has not answered within %v", within)
	}
}

// report shows the states in "systemctl status" at each tick.
func (a *app) report(url string, tick <-chan time.Time) {
	for range tick {
		a.process.Systemd.Status(a.status(url))
	}
}

// status returns one line: where the server is, and what is wrong. It has no error, which may
// name paths.
func (a *app) status(url string) string {
	said := []string{"serving " + url}
	for _, f := range a.files() {
		if !f.OK() {
			said = append(said, f.Name+" is "+f.State+" since "+f.Since.UTC().Format(time.RFC3339)+": "+f.Do)
		}
	}
	return strings.Join(said, "; ")
}
