package e2e

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// checkSite visits a site below base through a proxy and signs in, as a browser at 127.0.0.5 does.
// The browser also tries to pass for another client.
func checkSite(t *testing.T, s *server, site, addr, base, visitorCookie, operatorCookie string) {
	t.Helper()
	v := browse(t, site, addr, "127.0.0.5")
	v.forges = true
	v.wants(base, nil, http.StatusOK, "Page Session")
	v.wants(base+"set/", url.Values{"name": {"Pema"}}, http.StatusOK, "Pema")
	v.wants(base+"get/", nil, http.StatusOK, "Pema")
	if got := v.cookies(base + "get/"); got != visitorCookie {
		t.Errorf("a visitor's cookies: %q; want %q", got, visitorCookie)
	}
	v.wants(base+"admin/login/", credentials, http.StatusOK, "Dashboard")
	v.wants(base+"admin/sessions/", nil, http.StatusOK, "Pema")
	if got := v.cookies(base + "admin/"); !strings.Contains(got, operatorCookie) {
		t.Errorf("an operator's cookies: %q; want %q among them", got, operatorCookie)
	}
	v.wants(base+"admin/log/", nil, http.StatusOK, "127.0.0.5")
	if _, log := v.do(base+"admin/log/", nil); strings.Contains(log, "203.0.113.") {
		t.Errorf("the audit log has the address that the client made up:\n%s", log)
	}
	v.checkCompressed(base)
	// A page of another site cannot change anything.
	for _, other := range []string{"https://evil.example", strings.Replace(site, "https:", "http:", 1)} {
		if status, _ := v.do(base+"del/", url.Values{}, "Origin: "+other, "Sec-Fetch-Site: cross-site"); status != http.StatusForbidden {
			t.Errorf("POST /del/ from %s = %d; want 403", other, status)
		}
	}
	events := v.stream(base)
	v.wants(base+"del/", url.Values{}, http.StatusOK, delTitle)
	select {
	case <-events:
	case <-time.After(heardWithin):
		t.Errorf("the end came not within %v through the stream", heardWithin)
	}
}

// checkCompressed asks for a stylesheet as browsers do, which the proxy has to pass on as it is.
func (v *remote) checkCompressed(base string) {
	v.t.Helper()
	res := v.begin(base+"static/style.css", "Accept-Encoding: gzip, br")
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Content-Encoding") != "br" || len(body) == 0 {
		v.t.Errorf("the stylesheet = %d, %q, %d bytes, %v; want 200, br", res.StatusCode, res.Header.Get("Content-Encoding"), len(body), err)
	}
	if all := res.Header["Strict-Transport-Security"]; len(all) != 1 {
		v.t.Errorf("Strict-Transport-Security = %q; want it once", all)
	}
}

// stream opens the stream of the browser's session. The channel is closed when the end comes.
func (v *remote) stream(base string) <-chan struct{} {
	v.t.Helper()
	res := v.begin(base+"session/stream/", "Accept: text/event-stream")
	if kind := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/event-stream") {
		v.t.Fatalf("the stream = %d, %s; want 200 and events", res.StatusCode, kind)
	}
	ended := make(chan struct{})
	go func() { // until the server or the test ends the stream
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if lines.Text() == "event: ended" {
				close(ended)
				return
			}
		}
	}()
	return ended
}

// begin sends a GET and returns the head of the answer. The body ends with the test.
func (v *remote) begin(path, header string) *http.Response {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.site+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	name, value, _ := strings.Cut(header, ": ")
	req.Header.Set(name, value)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	v.forge(req)
	res, err := v.http.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// checkStrangers has a stranger fail ten times, which keeps out the stranger alone.
func checkStrangers(t *testing.T, addr string) {
	t.Helper()
	stranger := browse(t, "https://"+siteName, addr, "127.0.0.6")
	for i := range 11 {
		stranger.do("/admin/login/", url.Values{"username": {"n" + string(rune('a'+i))}, "password": {"wrong"}})
	}
	stranger.wants("/admin/login/", credentials, http.StatusTooManyRequests, "too many failed sign-ins")
	browse(t, "https://"+siteName, addr, "127.0.0.7").wants("/admin/login/", credentials, http.StatusOK, "Dashboard")
}

// checkHeaders looks at what reaches a server behind the proxy from a client that forges headers,
// and from one that names what the proxy writes in Connection, which a proxy removes. start starts
// the proxy in front of an address.
func checkHeaders(t *testing.T, start func(upstream string) (addr string)) {
	t.Helper()
	got := make(chan *http.Request, 1)
	echo := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- r }))
	t.Cleanup(echo.Close)
	addr := start(echo.Listener.Addr().String())
	v := browse(t, "https://"+siteName, addr, "127.0.0.5")
	v.forges = true
	v.do("/", nil)
	wantHeaders(t, <-got)
	old := browse(t, "https://"+siteName, addr, "127.0.0.5")
	old.forges = true
	old.http.Transport.(*http.Transport).ForceAttemptHTTP2 = false // which has no Connection
	old.do("/", nil, "Connection: X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host, X-Request-ID")
	wantHeaders(t, <-got)
}

// wantHeaders fails the test unless a request has the headers that the proxy should write.
func wantHeaders(t *testing.T, r *http.Request) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Forwarded-For": `^127\.0\.0\.5$`, "X-Forwarded-Proto": `^https$`, "X-Forwarded-Host": `^(|pages\.example\.com)$`,
		"Forwarded": `^$`, "X-Request-Id": `^[0-9a-zA-Z.-]{16,64}$`, "Traceparent": `^$`,
	} {
		if all := r.Header[name]; !regexp.MustCompile(want).MatchString(strings.Join(all, ", ")) {
			t.Errorf("%s: %q reaches the server; want %s", name, all, want)
		}
	}
	if r.Host != siteName || r.Proto != "HTTP/1.1" {
		t.Errorf("the server is asked for %q by %s; want %s, HTTP/1.1", r.Host, r.Proto, siteName)
	}
}
