package scenario

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
)

// An idleResult has the ages at which an idle session was seen. They are bounds, however
// long an answer took.
type idleResult struct {
	live, gone time.Duration // at least and at most that old; 0 if not seen so
	bad        string        // what differs from the promise; "" if nothing
}

// An idleWatch is a server without a load, with one session that stays idle.
type idleWatch struct {
	server peer.Server
	result chan idleResult // gets one
}

// startWatch starts the product, fetches the page for the peers, and starts the watch.
func (b *Bench) startWatch(ctx context.Context) (*idleWatch, error) {
	dir, err := os.MkdirTemp(b.dir, "idle-")
	if err != nil {
		return nil, fmt.Errorf("create a folder for the idle session: %w", err)
	}
	srv, err := peer.StartProduct(ctx, b.Workshop, dir, "--idle-timeout", load.IdleTimeout.String())
	if err != nil {
		return nil, fmt.Errorf("start the product for the idle session: %w", err)
	}
	if b.Page, err = peer.TakePage(srv.URL); err != nil {
		return nil, errors.Join(err, srv.Stop())
	}
	w := &idleWatch{server: srv, result: make(chan idleResult, 1)}
	if b.IdleCheck {
		go func() { w.result <- watchIdle(ctx, srv.URL, load.IdleTimeout) }()
	}
	return w, nil
}

// end reports the result, if that is wanted, and stops the server.
func (w *idleWatch) end(r *report.Report, counts bool) {
	if counts {
		found := <-w.result
		r.Blame(found.bad != "", "the idle session: %s", found.bad)
		r.Facts.Add("idle session: live at %.3f s, gone at %.3f s", found.live.Seconds(), found.gone.Seconds())
	}
	_ = w.server.Stop() // the loads report how the product stops
}

// watchIdle creates a session and peeks at it around the end of its idle timeout. It begins
// a second before that, or half of a shorter timeout.
func watchIdle(ctx context.Context, base string, idle time.Duration) (r idleResult) {
	conn := load.Dial(base)
	defer conn.Close()
	err := r.observe(ctx, conn, idle)
	switch {
	case err != nil:
		r.bad = "could not be watched: " + err.Error()
	case r.live == 0 || r.gone == 0 || r.gone < idle || r.live > idle:
		r.bad = fmt.Sprintf("last seen live at %s and first seen gone at %s (0s: never); want it live until %s", r.live, r.gone, idle)
	}
	return r
}

func (r *idleResult) observe(ctx context.Context, conn *load.Conn, idle time.Duration) error {
	asked := time.Now()
	id, err := conn.Create()
	created, around := time.Now(), min(time.Second, idle/2)
	pause := idle - around - time.Since(asked)
	for err == nil && r.gone == 0 && time.Since(created) < idle+around {
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		pause = around / 20
		sent, state := time.Now(), ""
		if state, err = conn.Peek(id); state == load.StateLive {
			r.live = sent.Sub(created)
		} else if err == nil {
			r.gone = time.Since(asked)
		}
	}
	if err != nil || r.gone == 0 {
		return err
	}
	// The page has to agree.
	if _, err = conn.Get("/get/", id); err == nil && conn.Judge(load.Expectation{Marker: load.LiveMarker}) != load.Expired {
		err = fmt.Errorf("gone, but /get/ answers %.100q", conn.Answer.Body())
	}
	return err
}
