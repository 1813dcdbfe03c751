package main

import (
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"
)

// prove asks the server a little before the load: a right request has to be
// judged good, and an id that nobody issued must not be. Without the second,
// a server that shows the page to everybody would win. It returns the size
// of a good body.
func prove(l load) (size int, err error) {
	id := ""
	if len(l.ids) > 0 {
		id = l.ids[0]
	}
	got, body, err := askOnce(l, id)
	if err != nil {
		return 0, err
	}
	if got.Good != 1 {
		return 0, fmt.Errorf("before the load, %s gave no good answer but: %.300q", l.url, body)
	}
	if id == "" {
		return len(body), nil
	}
	got, _, err = askOnce(l, strangers(1)[0])
	if err == nil && got.Good != 0 {
		err = errors.New("the server serves an id that nobody issued: its sessions prove nothing")
	}
	return len(body), err
}

// askOnce sends one request of the load, with that id or none, and returns
// how it was judged and the body.
func askOnce(l load, id string) (result, string, error) {
	target, err := url.Parse(l.url)
	if err != nil {
		return result{}, "", fmt.Errorf("ask once: %w", err)
	}
	l.ids = nil
	if id != "" {
		l.ids = []string{id}
	}
	http := newHTTPClient(target.Host, 1)
	defer http.CloseIdleConnections()
	w := newOwnWorker(http, l, &atomic.Int64{})
	w.visit()
	if w.count.Errors > 0 {
		return w.count, "", fmt.Errorf("%s gave no answer", l.url)
	}
	return w.count, string(w.resp.Body()), nil
}
