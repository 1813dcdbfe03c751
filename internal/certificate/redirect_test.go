package certificate

import (
	"net/http/httptest"
	"testing"

	"pagesession/internal/hosts"
)

func TestRedirect(t *testing.T) {
	allowed, err := hosts.Parse("a.example,[::1],127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		method, target, host string
		plain, secure        int // ports
		status               int
		location             string
	}{
		{"GET", "/x/?y=1&z", "a.example", 80, 443, 308, "https://a.example/x/?y=1&z"},
		{"HEAD", "/", "A.example:80", 80, 443, 308, "https://A.example/"},
		{"GET", "/", "a.example", 80, 8443, 308, "https://a.example:8443/"},
		{"GET", "/", "a.example:8080", 8080, 8443, 308, "https://a.example:8443/"},
		{"GET", "/", "a.example", 8080, 8443, 308, "https://a.example/"}, // a container's ports are mapped
		{"GET", "/", "[::1]:8080", 8080, 8443, 308, "https://[::1]:8443/"},
		{"GET", "/", "[::1]", 80, 443, 308, "https://[::1]/"},
		{"GET", "//evil.example/", "a.example", 80, 443, 308, "https://a.example//evil.example/"},
		{"GET", "http://a.example/x", "", 80, 443, 308, "https://a.example/x"},
		{"GET", "http://evil.example/x", "", 80, 443, 400, ""},
		{"GET", "x:evil.example", "a.example", 80, 443, 400, ""},
		{"GET", "/", "evil.example", 80, 443, 400, ""},
		{"GET", "/", "a.example@evil.example", 80, 443, 400, ""},
		{"POST", "/", "a.example", 80, 443, 426, ""},
		{"OPTIONS", "/", "a.example", 80, 443, 426, ""},
	} {
		r := httptest.NewRequest(tc.method, tc.target, nil)
		if tc.host != "" {
			r.Host = tc.host
		}
		w := httptest.NewRecorder()
		Redirect{Allows: allowed.Allows, HTTPPort: tc.plain, HTTPSPort: tc.secure}.ServeHTTP(w, r)
		if w.Code != tc.status || w.Header().Get("Location") != tc.location || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s of %q: %d, %v; want %d, %q", tc.method, tc.target, tc.host, w.Code, w.Header(), tc.status, tc.location)
		}
	}
}
