package metrics

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// serving returns a server and its URL.
func serving(t *testing.T) (*Server, string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Serve(ln, "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, "http://" + ln.Addr().String()
}

func get200(t *testing.T, url string) (status int, body string) {
	t.Helper()
	a, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(text)
}

func TestServer_Answers(t *testing.T) {
	s, url := serving(t)
	if status, body := get200(t, url+Path); status != 200 || !strings.Contains(body, `pagesession_build_info{go="go`) || strings.Contains(body, "pagesession_ready") {
		t.Errorf("GET %s at the start = %d; want the build alone:\n%.300s", Path, status, body)
	}
	s.Ready(func() Reading { return *full(false) })
	s.Requests.Observe(answered("/get/", 200), time.Now())
	status, body := get200(t, url+Path)
	for _, want := range []string{"\npagesession_ready 1\n", "\npagesession_sessions_live 7\n", "\n" + `pagesession_http_requests_total{class="2xx",route="/get/"} 1` + "\n"} {
		if status != 200 || !strings.Contains(body, want) {
			t.Errorf("GET %s = %d; want %q", Path, status, want)
		}
	}
	for path, want := range map[string]int{"/": 404, "/metrics/": 404, "/debug/pprof/": 404} {
		if status, _ := get200(t, url+path); status != want {
			t.Errorf("GET %s = %d; want %d", path, status, want)
		}
	}
}

// A reading that hangs, as on a disk that hangs, holds two scrapes; others are refused at once.
func TestServer_HangingReading(t *testing.T) {
	s, url := serving(t)
	begun, release := make(chan struct{}, mostScrapes), make(chan struct{})
	s.Ready(func() Reading { begun <- struct{}{}; <-release; return *full(false) })
	ended := make(chan struct{}, mostScrapes)
	for range mostScrapes {
		go func() {
			defer func() { ended <- struct{}{} }()
			if a, err := http.Get(url + Path); err == nil {
				_ = a.Body.Close()
			}
		}()
		<-begun
	}
	if status, _ := get200(t, url+Path); status != http.StatusServiceUnavailable {
		t.Errorf("a third scrape = %d; want 503", status)
	}
	close(release)
	for range mostScrapes {
		<-ended
	}
	if status, _ := get200(t, url+Path); status != 200 {
		t.Errorf("a scrape afterwards = %d; want 200", status)
	}
}

func TestServer_Close(t *testing.T) {
	s, url := serving(t)
	s.Close()
	s.Close()
	if _, err := http.Get(url + Path); err == nil {
		t.Error("the port answers after Close")
	}
	(*Server)(nil).Close()
	(*Server)(nil).Ready(nil)
}
