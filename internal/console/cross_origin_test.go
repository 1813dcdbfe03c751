package console_test

import (
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// A form that a proxy has brought under another host is refused with the reason and the
// cure; one that the browser calls another site's gets no such advice.
func TestForeignForm(t *testing.T) {
	d := openHTTP(t)
	header, form := testkit.Header, testkit.Form("username", "ada", "password", password)
	https := []testkit.Option{testkit.From("10.0.0.1"), header("X-Forwarded-For", "192.0.2.1"), header("X-Forwarded-Proto", "https")}
	type options = []testkit.Option
	for _, test := range []struct {
		name    string
		options options
		status  int
		says    string // "": no advice
	}{
		{"a proxy that does not pass the host on", options{header("Origin", "http://console.lan")}, 403, "The form came from http://console.lan, but the server was asked for http://localhost."},
		{"another port", options{header("Origin", "http://localhost:8080")}, 403, "The form came from http://localhost:8080, but"},
		{"https, where the proxy does not pass the host on", options{header("Origin", "https://console.lan")}, 403, "The form came from https://console.lan, but the server was asked for http://localhost."},
		{"an http page of an https client", append(https, header("Origin", "http://localhost")), 403, "The form came from http://localhost, but the server was asked for https://localhost."},
		{"an https page of an https client", append(https, header("Origin", "https://localhost")), 303, ""},
		{"an https page, by a proxy that is not trusted", options{header("Origin", "https://localhost")}, 303, ""},
		{"its own page", options{header("Origin", "http://localhost")}, 303, ""},
		{"the browser knows", options{header("Origin", "http://console.lan"), header("Sec-Fetch-Site", "same-origin")}, 303, ""},
		{"another site, says the browser", options{header("Origin", "http://evil.example"), header("Sec-Fetch-Site", "cross-site")}, 403, ""},
		{"another host of the site", options{header("Origin", "http://a.localhost"), header("Sec-Fetch-Site", "same-site")}, 403, ""},
		{"no page", options{header("Origin", "null")}, 403, ""},
		{"nothing", nil, 403, ""},
		{"markup", options{header("Origin", `http://"><script>alert(1)</script>`)}, 403, "The form came from http://&#34;&gt;&lt;script&gt;"},
		{"a long name", options{header("Origin", "http://"+strings.Repeat("a", 5000))}, 403, "The form came from http://" + strings.Repeat("a", 93) + ", but"},
	} {
		a := d.signedOut().Post("/admin/login/", append(test.options, form)...)
		a.What += ": " + test.name
		a.Wants(test.status).Lacks("<script>alert")
		if test.says == "" {
			a.Lacks("--trusted-proxies")
		} else {
			a.Wants(403, "Not allowed", test.says, "pass the Host header on", "X-Forwarded-Host", "--trusted-proxies")
		}
	}
}

// Anyone can cause the line in the log, so it comes once a second.
func TestForeignForm_Log(t *testing.T) {
	d := openConsole(t)
	for range 5 {
		d.signedOut().Post("/admin/login/", testkit.Header("Origin", "http://console.lan"), testkit.Form("username", "a"))
		d.signedOut().Post("/admin/logout/", testkit.Header("Origin", "http://console.lan"))
	}
	d.clock.Advance(time.Second)
	d.signedOut().Post("/admin/logout/", testkit.Header("Origin", "http://console.lan"))
	log := d.log.String()
	if n := strings.Count(log, "level=WARN"); n != 2 || !strings.Contains(log, "page=http://console.lan request=http://localhost similar=") {
		t.Errorf("the log has %d lines; want 2, the second with a count: %s", n, log)
	}
}
