package certificate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/crypto/acme"
)

// refusals remembers why the authority could not validate a domain. autocert reads that,
// tries the next kind of challenge, and returns an error without the reason. Its methods
// are safe for concurrent use.
type refusals struct {
	mu   sync.Mutex // protects what follows
	said map[string][]string
}

// maxAuthorization is how much of an answer is read for a reason: several times what
// authorities send.
const maxAuthorization = 64 << 10

// maxReason keeps a line of the log readable.
const maxReason = 300

// An authorization is what an authority says of a domain (RFC 8555, section 7.1.4).
type authorization struct {
	Status     string
	Identifier struct{ Value string }
	Challenges []struct {
		Type  string
		Error struct{ Detail string }
	}
}

// RoundTrip is http.DefaultTransport's; it reads each answer along the way.
func (r *refusals) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || res.StatusCode != http.StatusOK {
		return res, err
	}
	start, err := io.ReadAll(io.LimitReader(res.Body, maxAuthorization))
	if err != nil {
		_ = res.Body.Close()
		return nil, err
	}
	r.read(start)
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(start), res.Body), res.Body}
	return res, nil
}

// read keeps the reasons of an authorization that failed. All other answers lack its fields.
func (r *refusals) read(answer []byte) {
	var a authorization
	if json.Unmarshal(answer, &a) != nil || a.Status != acme.StatusInvalid || a.Identifier.Value == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range a.Challenges {
		if c.Error.Detail != "" {
			r.said[a.Identifier.Value] = append(r.said[a.Identifier.Value], fmt.Sprintf("%s: %.*s", c.Type, maxReason, c.Error.Detail))
		}
	}
}

// explain returns err with what the authority said of a domain since the last call.
func (r *refusals) explain(domain string, err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	said := r.said[domain]
	delete(r.said, domain)
	if err == nil || len(said) == 0 {
		return err
	}
	return fmt.Errorf("%w; the authority says: %s", err, strings.Join(said, "; "))
}

// cureOf says what to do about an order that failed.
func cureOf(err error) string {
	switch {
	case errors.As(err, new(*url.Error)):
		return "this server has to reach the authority, and to trust its certificate; check the network and --acme-directory"
	case errors.As(err, new(*acme.Error)):
		return "the authority refused the order"
	}
	return "the authority has to reach this server under the domain, on port 443 or 80"
}
