package main

import (
	"encoding/json"
	"fmt"

	"github.com/valyala/fasthttp"
)

// The states in the product's answer to GET /session/.
const (
	stateLive  = "live"
	stateEnded = "ended"
	stateNone  = "none"
)

// A peeked is that answer, as far as we judge it.
type peeked struct {
	State string `json:"state"`
	Name  string `json:"name"`
}

// peekState asks for a session's state without refreshing it.
func peekState(http *fasthttp.HostClient, base, id string) (string, error) {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.SetRequestURI(base + "/session/")
	req.Header.SetCookie(cookieName, id)
	if err := http.Do(req, resp); err != nil {
		return "", fmt.Errorf("peek at a session: %w", err)
	}
	return readState(resp)
}

// readState judges an answer of GET /session/: anything but one of the three
// states, the right name in a live one and no cookie, is an error.
func readState(resp *fasthttp.Response) (string, error) {
	var got peeked
	if err := json.Unmarshal(resp.Body(), &got); resp.StatusCode() != fasthttp.StatusOK || err != nil {
		return "", fmt.Errorf("peek answered %d: %.200q", resp.StatusCode(), resp.Body())
	}
	if len(resp.Header.PeekCookie(cookieName)) > 0 {
		return "", fmt.Errorf("peek set a cookie")
	}
	switch {
	case got.State == stateLive && got.Name == visitorName, got.State == stateEnded, got.State == stateNone:
		return got.State, nil
	default:
		return "", fmt.Errorf("peek answered state %q of %q", got.State, got.Name)
	}
}
