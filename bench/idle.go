package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/valyala/fasthttp"
)

// An idleResult tells until when an idle session was seen live, and from when
// on gone. Ages are bounds that hold whatever an answer took on its way: the
// session was at least LiveAt old when live, at most GoneAt when gone.
type idleResult struct {
	LiveAt float64 `json:"live_at_seconds"`
	GoneAt float64 `json:"gone_at_seconds"`
	Bad    string  `json:"bad,omitempty"` // what was not as promised
}

func (r idleResult) String() string {
	if r.Bad != "" {
		return r.Bad
	}
	return fmt.Sprintf("live at %.3f s, gone at %.3f s", r.LiveAt, r.GoneAt)
}

// An idleWatch is a server of its own that nobody loads, with a session that
// nobody visits. It runs beside the loads and costs them a look every 50 ms,
// in its last second only.
type idleWatch struct {
	server server
	dir    string
	result chan idleResult // one
}

// startIdleWatch starts the product and the watch. It also takes an answer
// along, for the peer that repeats it. The watch ends by itself
// a second or two after the idle time, or with the context.
func startIdleWatch(ctx context.Context, w workshop, dir string) (*idleWatch, []byte, error) {
	dir, err := os.MkdirTemp(dir, "idle-")
	if err != nil {
		return nil, nil, fmt.Errorf("make a folder for the idle session: %w", err)
	}
	srv, err := startOurs(ctx, w, dir)
	if err != nil {
		return nil, nil, err
	}
	watch := &idleWatch{server: srv, dir: dir, result: make(chan idleResult, 1)}
	answer, err := answerOf(ctx, srv.url)
	if err != nil {
		return nil, nil, errors.Join(err, srv.stop())
	}
	go func() { watch.result <- watchIdle(ctx, srv.url, idleTimeout) }()
	return watch, answer, nil
}

// end waits for the result and stops the server.
func (w *idleWatch) end() idleResult {
	r := <-w.result
	_ = w.server.stop() // how ours stops is told of the loads
	_ = os.RemoveAll(w.dir)
	return r
}

// answerOf is what /get/ answers to a live session, as it comes over the wire,
// with an id that nobody issued in place of the session's own.
func answerOf(ctx context.Context, base string) ([]byte, error) {
	ids, err := seedSessions(ctx, base, 1, 1)
	if err != nil {
		return nil, err
	}
	var req fasthttp.Request
	var resp fasthttp.Response
	req.SetRequestURI(base + "/get/")
	req.Header.SetCookie(cookieName, ids[0])
	if err := fasthttp.DoTimeout(&req, &resp, answerPatience); err != nil {
		return nil, fmt.Errorf("ask for /get/: %w", err)
	}
	if !bytes.Contains(resp.Body(), []byte(liveMarker)) {
		return nil, errors.New("/get/ of a fresh session gave no good answer")
	}
	var raw bytes.Buffer
	_, err = resp.WriteTo(&raw)
	return bytes.ReplaceAll(raw.Bytes(), []byte(ids[0]), []byte(strangers(1)[0])), err
}

// watchIdle makes a session and looks at it, never visiting it, around the end
// of its idle time.
func watchIdle(ctx context.Context, base string, idle time.Duration) idleResult {
	r, err := observeIdle(ctx, base, idle)
	switch {
	case err != nil:
		r.Bad = "could not be watched: " + err.Error()
	case r.LiveAt == 0:
		r.Bad = fmt.Sprintf("gone at %.2f s, never seen live in its last second", r.GoneAt)
	case r.GoneAt == 0:
		r.Bad = fmt.Sprintf("still live at %.2f s", r.LiveAt)
	case r.GoneAt < idle.Seconds():
		r.Bad = fmt.Sprintf("gone already at %.2f s", r.GoneAt)
	case r.LiveAt > idle.Seconds():
		r.Bad = fmt.Sprintf("live for too long, at %.2f s", r.LiveAt)
	}
	return r
}

// observeIdle looks often in the last second (of a shorter time, the last
// half) until the session is gone, or that long past its time.
func observeIdle(ctx context.Context, base string, idle time.Duration) (idleResult, error) {
	r := idleResult{}
	target, err := url.Parse(base)
	if err != nil {
		return r, err
	}
	http := newHTTPClient(target.Host, 1)
	defer http.CloseIdleConnections()
	asked := time.Now()
	id, err := createOne(http, base+"/set/")
	if err != nil {
		return r, err
	}
	created := time.Now()
	around := min(time.Second, idle/2)
	if err := sleep(ctx, idle-around-time.Since(asked)); err != nil {
		return r, err
	}
	for time.Since(created) < idle+around {
		sent := time.Now()
		state, err := peekState(http, base, id)
		if err != nil {
			return r, err
		}
		if state != stateLive {
			r.GoneAt = time.Since(asked).Seconds()
			return r, checkGone(base, id)
		}
		r.LiveAt = sent.Sub(created).Seconds()
		if err := sleep(ctx, around/20); err != nil {
			return r, err
		}
	}
	return r, nil
}

// sleep waits, but not beyond the context.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// checkGone asks for the page, which has to say the same.
func checkGone(base, id string) error {
	got, body, err := askOnce(load{url: base + "/get/", expect: expectation{marker: liveMarker}}, id)
	if err == nil && got.Expired != 1 {
		err = fmt.Errorf("gone, but /get/ answers %.100q", body)
	}
	return err
}
