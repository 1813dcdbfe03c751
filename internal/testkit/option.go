package testkit

import (
	"io"
	"net/http"
	"net/url"
	"strings"
)

// An Option changes a request before it is sent.
type Option func(*http.Request)

// Header adds a header. "Host" sets the host of the request.
func Header(name, value string) Option {
	return func(r *http.Request) {
		if http.CanonicalHeaderKey(name) == "Host" {
			r.Host = value
			return
		}
		r.Header.Add(name, value)
	}
}

// Cookie adds a cookie unchanged. An empty value adds none.
func Cookie(name, value string) Option {
	if value == "" {
		return func(*http.Request) {}
	}
	return Header("Cookie", name+"="+value)
}

// Form sends a form with fields as name, value, name, value.
func Form(fields ...string) Option {
	values := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	return Body("application/x-www-form-urlencoded", values.Encode())
}

// Body sends content of this type.
func Body(kind, content string) Option {
	return func(r *http.Request) {
		r.Header.Set("Content-Type", kind)
		r.Body = io.NopCloser(strings.NewReader(content))
		r.ContentLength = int64(len(content))
	}
}
