package certificate

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/crypto/acme"
)

// An authorization that failed leaves its reasons for one error, and reaches autocert whole.
func TestRefusals_Explain(t *testing.T) {
	long := strings.Repeat("x", 2*maxAuthorization)
	answers := map[string]string{
		"/invalid": `{"status":"invalid","identifier":{"type":"dns","value":"a.example"},"challenges":[
			{"type":"tls-alpn-01","status":"invalid","error":{"type":"urn:ietf:params:acme:error:dns","detail":"no such host","status":400}},
			{"type":"http-01","status":"pending"}]}`,
		"/pending": `{"status":"pending","identifier":{"type":"dns","value":"b.example"},"challenges":[{"type":"http-01","error":{"detail":"x"}}]}`,
		"/order":   `{"status":"invalid","identifiers":[{"type":"dns","value":"b.example"}]}`,
		"/long":    `{"status":"invalid","identifier":{"value":"b.example"},"challenges":[{"error":{"detail":"` + long + `"}}]}`,
		"/text":    "-----BEGIN CERTIFICATE-----",
	}
	authority := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, answers[r.URL.Path])
	}))
	defer authority.Close()
	seen := &refusals{said: make(map[string][]string)}
	client := http.Client{Transport: seen}
	for path, want := range answers {
		res, err := client.Get(authority.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || string(got) != want {
			t.Errorf("GET %s = %d bytes, %v; want %d", path, len(got), err, len(want))
		}
	}
	failed := errors.New("no viable challenge type found")
	want := "no viable challenge type found; the authority says: tls-alpn-01: no such host"
	if err := seen.explain("a.example", failed); err.Error() != want || !errors.Is(err, failed) {
		t.Errorf("explain = %v; want %s", err, want)
	}
	for _, domain := range []string{"a.example", "b.example"} {
		if err := seen.explain(domain, failed); !errors.Is(err, failed) || err.Error() != failed.Error() {
			t.Errorf("explain(%s) = %v; want nothing added", domain, err)
		}
	}
}

// What to do depends on who could not reach whom.
func TestCureOf(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want string
	}{
		{&url.Error{Op: "Get", URL: "https://ca.example/", Err: io.EOF}, "check the network and --acme-directory"},
		{&acme.Error{StatusCode: 429}, "the authority refused the order"},
		{errors.New("no viable challenge type found"), "on port 443 or 80"},
	} {
		if got := cureOf(tc.err); !strings.Contains(got, tc.want) {
			t.Errorf("cureOf(%v) = %q; want %q", tc.err, got, tc.want)
		}
	}
}
