package main

import (
	"fmt"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// A visitor is one person with a session who looks now and then, while
// something happens to the server. Each look must show the live session.
type visitor struct {
	base   string
	worker *ownWorker
}

// newVisitor gets a session.
func newVisitor(base string) (*visitor, error) {
	target, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("visitor: %w", err)
	}
	http := newHTTPClient(target.Host, 1)
	id, err := createOne(http, base+"/set/")
	if err != nil {
		return nil, fmt.Errorf("visitor: %w", err)
	}
	l := load{url: base + "/get/", ids: []string{id}, expect: expectation{marker: liveMarker, cookie: true}}
	return &visitor{base: base, worker: newOwnWorker(http, l, &atomic.Int64{})}, nil
}

// look refreshes the session and returns how long that took, and whether the
// page was right.
func (v *visitor) look() (time.Duration, bool) {
	good, began := v.worker.count.Good, time.Now()
	v.worker.visit()
	return time.Since(began), v.worker.count.Good > good
}

// ready asks /readyz on a connection of its own, as a probe does.
func (v *visitor) ready() bool {
	status, _, err := fasthttp.GetTimeout(nil, v.base+"/readyz", answerPatience)
	return err == nil && status == fasthttp.StatusOK
}
