package e2e

import (
	"net/http"
	"testing"
)

func (s *server) host(t *testing.T, target, lines string) *reply {
	t.Helper()
	return s.raw(t, "GET "+target+" HTTP/1.1\r\n"+lines+"Connection: close\r\n\r\n")
}

func TestHosts_Default(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, host := range []string{"localhost", "LOCALHOST", "localhost:8000", "localhost.", "127.0.0.1", s.addr, "[::1]", "[::1]:8000", "[0:0:0:0:0:0:0:1]"} {
		if r := s.host(t, "/get/", "Host: "+host+"\r\n"); r.StatusCode != http.StatusOK {
			t.Errorf("Host %q = %d; want 200", host, r.StatusCode)
		}
	}
	for _, lines := range []string{
		"", "Host: \r\n", "Host: evil.example\r\n", "Host: localhost.evil.example\r\n", "Host: evil.localhost\r\n",
		"Host: 127.0.0.1.nip.io\r\n", "Host: 127.0.0.2\r\n", "Host: 0.0.0.0\r\n", "Host: [::2]\r\n", "Host: localhost@evil.example\r\n",
		"Host: evil.example@localhost\r\n", "Host: localhost:80:80\r\n", "Host: localhost:x\r\n", "Host: local host\r\n",
		"Host: localhost/\r\n", "Host: localhost, evil.example\r\n", "Host: evil.example\r\nHost: localhost\r\n",
		"Host: localhost\r\nHost: evil.example\r\n", "Host: localhost\\@evil\r\n", "Host: \xff\r\n",
		"X-Forwarded-Host: localhost\r\n", "Host: evil.example\r\nX-Forwarded-Host: localhost\r\n",
	} {
		for _, path := range []string{"/get/", "/set/", "/", "/nope", "/get", "/static/style.css", "/session/"} {
			r := s.host(t, path, lines)
			if r.StatusCode != http.StatusBadRequest {
				t.Errorf("GET %s with %q = %d; want 400", path, lines, r.StatusCode)
			}
			r.silent(t, lines)
		}
	}
}

// An absolute request target names a host as well, and it wins.
func TestHosts_AbsoluteTarget(t *testing.T) {
	t.Parallel()
	s := start(t)
	for target, want := range map[string]int{
		"http://localhost/get/":         200,
		"http://evil.example/get/":      400,
		"http://localhost@evil.ex/get/": 400,
	} {
		if r := s.host(t, target, "Host: localhost\r\n"); r.StatusCode != want {
			t.Errorf("GET %s = %d; want %d", target, r.StatusCode, want)
		}
	}
}

// A probe knows the server by whatever address it found.
func TestHosts_ProbesAnswerToAny(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, path := range []string{"/livez", "/readyz"} {
		if r := s.host(t, path, "Host: 10.1.2.3:8000\r\n"); r.StatusCode != http.StatusOK {
			t.Errorf("GET %s = %d; want 200", path, r.StatusCode)
		}
	}
}

func TestHosts_Configured(t *testing.T) {
	t.Parallel()
	for list, hosts := range map[string]map[string]int{
		"app.example,.Example.org": {
			"app.example": 200, "APP.example:443": 200, "example.org": 200, "a.b.example.org": 200,
			"notexample.org": 400, "example.org.evil": 400, "localhost": 400, "127.0.0.1": 400,
		},
		"*": {"anything.example": 200, "10.0.0.1": 200, "a b": 400, "": 400},
	} {
		t.Run(list, func(t *testing.T) {
			t.Parallel()
			s := start(t, "--allowed-hosts", list)
			for host, want := range hosts {
				if r := s.host(t, "/", "Host: "+host+"\r\n"); r.StatusCode != want {
					t.Errorf("Host %q = %d; want %d", host, r.StatusCode, want)
				}
			}
		})
	}
}
