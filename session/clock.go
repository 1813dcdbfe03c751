package session

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// ClockPaths returns the addresses of the routes of <session-clock>, below the prefix that
// they share: the status, the extension and the script. Adapters register them for every
// method and pass what comes on to [Policy.Clock].
func ClockPaths() []string { return []string{clockStatus, clockExtend, clockScript} }

const (
	clockStatus = ""
	clockExtend = "refresh/"
	clockScript = "clock.js"
)

// A ClockRequest is what the routes of <session-clock> read of a request.
type ClockRequest struct {
	Path   string // one of ClockPaths
	Method string
	Host   string                   // the header Host
	Query  string                   // after the "?"; "" if there is none
	Header func(name string) string // returns a header of the request; "" if it is missing
	Token  Token                    // of the session cookies, zero for the script
}

// A ClockResponse is the answer to a ClockRequest. Everything in it is constant or its own.
type ClockResponse struct {
	Status  int
	Headers [][2]string // name and value
	Body    []byte      // shared by all responses; do not change it
	Cookie  Cookie      // zero: send none
	Private bool        // keep it out of caches: send Cache-Control: no-store and Vary: Cookie
}

// Clock answers the three routes of <session-clock>, the element in clock.js that counts a
// session down in the browser. It always has an answer:
//
//   - GET "" returns the session as a [ClockState] in JSON. It extends nothing.
//   - POST "refresh/" extends it: 204 and the cookie with a new Max-Age, or 401 and a
//     ClockState without a live session. The cookie of a session that has ended stays, so
//     that the next page can say why. A request from another site is refused with 403.
//   - GET "clock.js" returns the element's script, see [ClockScript].
//
// When the store cannot answer, so that the state is unknown, the status is 503. Other
// methods get 405, other paths 404.
func (p *Policy) Clock(ctx context.Context, r ClockRequest) ClockResponse {
	get := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case r.Path == clockScript && get:
		return serveScript(r)
	case r.Path == clockStatus && get:
		view, err := p.Peek(ctx, r.Token)
		return clockAnswer(http.StatusOK, view, err)
	case r.Path == clockExtend && r.Method == http.MethodPost:
		return p.extendClock(ctx, r)
	case r.Path == clockExtend:
		return refuse(http.StatusMethodNotAllowed, "POST")
	case r.Path == clockStatus || r.Path == clockScript:
		return refuse(http.StatusMethodNotAllowed, "GET, HEAD")
	}
	return refuse(http.StatusNotFound, "")
}

func (p *Policy) extendClock(ctx context.Context, r ClockRequest) ClockResponse {
	if crossSite(r) {
		return refuse(http.StatusForbidden, "")
	}
	view, cookie, err := p.Refresh(ctx, r.Token)
	if err != nil || !view.Live() {
		return clockAnswer(http.StatusUnauthorized, view, err)
	}
	return ClockResponse{Status: http.StatusNoContent, Cookie: cookie, Private: true}
}

// crossSite reports whether a page of another site sent the request. Browsers say so in
// Sec-Fetch-Site, older ones only in Origin; programs that send neither are believed.
func crossSite(r ClockRequest) bool {
	switch r.Header("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
		from := r.Header("Origin")
		u, err := url.Parse(from)
		return from != "" && (err != nil || u.Host != r.Host)
	}
	return true
}

func clockAnswer(status int, view View, err error) ClockResponse {
	if err != nil {
		return refuse(http.StatusServiceUnavailable, "")
	}
	body, err := json.Marshal(view.ClockState())
	if err != nil {
		return refuse(http.StatusInternalServerError, "")
	}
	return ClockResponse{
		Status: status, Body: body, Private: true,
		Headers: [][2]string{{"Content-Type", "application/json; charset=utf-8"}, {"X-Content-Type-Options", "nosniff"}},
	}
}

// refuse answers without a body. allow are the methods that the path has.
func refuse(status int, allow string) ClockResponse {
	r := ClockResponse{Status: status, Private: true}
	if allow != "" {
		r.Headers = [][2]string{{"Allow", allow}}
	}
	return r
}

// A ClockState is a session as <session-clock> reads it. Its times are in milliseconds from
// now, rounded up, so that the browser's clock does not matter. null means no limit; without
// a live session the two times that remain are 0.
type ClockState struct {
	State               string `json:"state"`  // none, live or ended
	Reason              string `json:"reason"` // see View.Why
	RemainingMS         *int64 `json:"remaining_ms"`
	IdleTimeoutMS       *int64 `json:"idle_timeout_ms"`
	AbsoluteRemainingMS *int64 `json:"absolute_remaining_ms"`
}

// ClockState returns the session as <session-clock> reads it.
func (v View) ClockState() ClockState {
	limit := func(d time.Duration) *int64 {
		if v.Live() && d == 0 {
			return nil
		}
		ms := int64((d + time.Millisecond - 1) / time.Millisecond)
		return &ms
	}
	return ClockState{v.State.String(), v.Why(), limit(v.Remaining), limit(v.IdleTimeout), limit(v.AbsoluteRemaining)}
}
