package testkit

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A Reply is one answer. Text has its body, except for an event stream: the test reads
// that from Body and closes it.
type Reply struct {
	*http.Response
	Text      string
	Sent, Got time.Time // before the request, after the whole answer

	What string // was asked, for what Wants and the others say
	t    testing.TB
}

func newReply(t testing.TB, what string, sent time.Time, res *http.Response) (*Reply, error) {
	r := &Reply{Response: res, Sent: sent, What: what, t: t}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		return r, nil
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	r.Text, r.Got = string(body), time.Now()
	if err != nil {
		return nil, fmt.Errorf("read the body of %s: %w", what, err)
	}
	return r, nil
}

// noReply fails the test and returns an empty Reply, so the test can continue.
func noReply(t testing.TB, what string, err error) *Reply {
	t.Helper()
	t.Errorf("%s: %v", what, err)
	return &Reply{Response: &http.Response{Header: http.Header{}}, What: what, t: t}
}

// Leads returns the path and query to which a redirect leads.
func (r *Reply) Leads() string {
	u, err := url.Parse(r.Header.Get("Location"))
	if err != nil {
		return err.Error()
	}
	return u.RequestURI()
}

// Wants fails the test unless the answer has this status and contains all texts.
func (r *Reply) Wants(status int, texts ...string) *Reply {
	r.t.Helper()
	if r.StatusCode != status {
		r.t.Errorf("%s = %d %s; want %d\n%.3000s", r.What, r.StatusCode, r.Header.Get("Location"), status, r.Text)
	}
	return r.Has(texts...)
}

// Has fails the test unless the answer contains all texts.
func (r *Reply) Has(texts ...string) *Reply {
	r.t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.Text, text) {
			r.t.Errorf("%s lacks %q:\n%.20000s", r.What, text, r.Text)
		}
	}
	return r
}

// Lacks fails the test if the answer contains one of the texts.
func (r *Reply) Lacks(texts ...string) *Reply {
	r.t.Helper()
	for _, text := range texts {
		if strings.Contains(r.Text, text) {
			r.t.Errorf("%s has %q:\n%.20000s", r.What, text, r.Text)
		}
	}
	return r
}
