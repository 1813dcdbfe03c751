package nethttp

import (
	"net/http"

	"pagesession/session"
)

// A Mux has handlers by pattern, as http.ServeMux does.
type Mux interface {
	Handle(pattern string, handler http.Handler)
}

// Clock adds the three routes of <session-clock>, the element that counts a session down in
// the browser, below a prefix that ends in "/", such as "/session/". See
// [session.Policy.Clock] for what they answer. A page needs two lines:
//
//	<script type="module" src="/session/clock.js"></script>
//	<session-clock></session-clock>
func (s *Sessions) Clock(mux Mux, prefix string) {
	for _, path := range session.ClockPaths() {
		pattern := prefix + path
		if path == "" {
			pattern += "{$}" // only the prefix itself
		}
		mux.Handle(pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.clock(w, r, path) }))
	}
}

func (s *Sessions) clock(w http.ResponseWriter, r *http.Request, path string) {
	secure := s.cfg.Secure(r)
	res := s.policy.Clock(r.Context(), session.ClockRequest{
		Path: path, Method: r.Method, Token: s.token(r, secure),
		Host: r.Host, Query: r.URL.RawQuery, Header: r.Header.Get,
	})
	for _, h := range res.Headers {
		w.Header().Set(h[0], h[1])
	}
	if res.Private {
		private(w.Header())
	}
	s.set(w, res.Cookie, secure)
	w.WriteHeader(res.Status)
	_, _ = w.Write(res.Body) // a browser that has gone gets nothing
}
