package load

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// A server has sessions in memory and answers with what the checks look for.
type server struct {
	url  string
	mu   sync.Mutex // protects live
	live map[string]bool
}

// newServer serves until the test ends. The functions in instead answer first, and
// return false to leave a request to the server.
func newServer(t *testing.T, instead ...func(*fasthttp.RequestCtx) bool) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{url: "http://" + listener.Addr().String(), live: map[string]bool{}}
	served := &fasthttp.Server{Handler: func(c *fasthttp.RequestCtx) {
		for _, answer := range instead {
			if answer(c) {
				return
			}
		}
		s.answer(c)
	}}
	ended := make(chan error, 1)
	go func() { ended <- served.Serve(listener) }()
	t.Cleanup(func() {
		if err := served.Shutdown(); err != nil {
			t.Errorf("shut down the server: %v", err)
		}
		<-ended
	})
	return s
}

func (s *server) answer(c *fasthttp.RequestCtx) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := string(c.Request.Header.Cookie(CookieName))
	switch string(c.Path()) {
	case "/set/":
		id = fmt.Sprintf("id%d", len(s.live))
		s.live[id] = true
		c.SetBodyString(CreatedMarker)
	case "/get/":
		if !s.live[id] {
			c.SetBodyString("Your session has Expired...")
			return
		}
		c.SetBodyString(LiveMarker)
	default:
		c.SetStatusCode(fasthttp.StatusNotFound)
		return
	}
	c.Response.Header.Set("Set-Cookie", CookieName+"="+id+"; Max-Age=20")
}

// page answers every request with the page, and with the cookie that came.
func page(c *fasthttp.RequestCtx) bool {
	c.Response.Header.Set("Set-Cookie", CookieName+"="+string(c.Request.Header.Cookie(CookieName))+"; Max-Age=20")
	c.SetBodyString(LiveMarker)
	return true
}

// clients returns the own client, and wrk's where it is installed, each with its
// shortest load.
func clients(t *testing.T) map[string]clientUnderTest {
	t.Helper()
	all := map[string]clientUnderTest{"own": {Own(), 200 * time.Millisecond}}
	wrk, err := Choose("wrk", t.TempDir())
	if err != nil {
		t.Logf("wrk is not tested: %v", err)
		return all
	}
	all["wrk"] = clientUnderTest{wrk, time.Second}
	return all
}

type clientUnderTest struct {
	Client
	duration time.Duration
}

// testLoad returns a small load of that length.
func (c clientUnderTest) testLoad(url string, ids []string) Load {
	return Load{URL: url + "/get/", IDs: ids, Expect: Live(), Connections: 8, Threads: 2, Duration: c.duration}
}

func seed(t *testing.T, url string, n int) []string {
	t.Helper()
	ids, err := Seed(t.Context(), url, n, 1)
	if err != nil {
		t.Fatalf("Seed: %v", err)
	}
	return ids
}

func TestLoad_LiveSessions(t *testing.T) {
	url := newServer(t).url
	ids := seed(t, url, 100)
	for name, c := range clients(t) {
		t.Run(name, func(t *testing.T) {
			res, err := c.Run(t.Context(), c.testLoad(url, ids))
			if err != nil {
				t.Fatal(err)
			}
			if res.Good == 0 || res.Expired+res.Wrong+res.Errors != 0 {
				t.Errorf("run = %+v; want good answers only", res)
			}
			if res.Latency == nil || res.Latency.P50 <= 0 || res.Latency.P50 > res.Latency.P99 || res.Latency.P99 > res.Latency.Max {
				t.Errorf("latency = %+v; want percentiles in order", res.Latency)
			}
			if want := c.duration.Seconds(); res.Seconds < want*0.9 || res.Seconds > want+5 {
				t.Errorf("seconds = %v; want about %v", res.Seconds, want)
			}
		})
	}
}

// A server that lost its sessions in a restart answers 200, and fast. Both clients
// have to notice.
func TestLoad_LostSessionsAreExpired(t *testing.T) {
	ids := seed(t, newServer(t).url, 100)
	forgetful := newServer(t).url
	for name, c := range clients(t) {
		t.Run(name, func(t *testing.T) {
			res, err := c.Run(t.Context(), c.testLoad(forgetful, ids))
			if err != nil {
				t.Fatal(err)
			}
			if res.Expired == 0 || res.Good+res.Wrong+res.Errors != 0 {
				t.Errorf("run = %+v; want expired answers only", res)
			}
			if res.Rate() != 0 || res.Latency != nil {
				t.Errorf("rate %v, latency %+v; want none from expired answers", res.Rate(), res.Latency)
			}
		})
	}
}

// The server gives each kind of answer in turn. A quarter is good.
func TestLoad_EveryKindOfAnswerIsCounted(t *testing.T) {
	url := moody(t).url
	for name, c := range clients(t) {
		t.Run(name, func(t *testing.T) {
			res, err := c.Run(t.Context(), c.testLoad(url, []string{"a"}))
			if err != nil {
				t.Fatal(err)
			}
			all := float64(res.Good + res.Expired + res.Wrong)
			for kind, got := range map[string]float64{
				"good": float64(res.Good) / 0.25, "expired": float64(res.Expired) / 0.25, "wrong": float64(res.Wrong) / 0.5,
			} {
				if got < all*0.8 || got > all*1.2 {
					t.Errorf("%s of %+v does not have its share", kind, res)
				}
			}
			if name == "wrk" && res.Latency != nil {
				t.Error("latency with failures in it; want none")
			}
		})
	}
}

// moody answers in turn: right, expired, with an error, without a cookie.
func moody(t *testing.T) *server {
	var n atomic.Int64
	return newServer(t, func(c *fasthttp.RequestCtx) bool {
		mood := n.Add(1) % 4
		if mood == 0 {
			c.SetBodyString("<p>Your session has Expired...</p>")
			return true
		}
		page(c)
		if mood == 1 {
			c.Response.Header.Del("Set-Cookie")
		}
		if mood == 2 {
			c.SetStatusCode(fasthttp.StatusServiceUnavailable)
		}
		return true
	})
}

// The page is right and the cookie is another's. Only the own client can know that.
func TestLoad_OwnClientSeesAnothersCookie(t *testing.T) {
	strange := newServer(t, func(c *fasthttp.RequestCtx) bool {
		c.Response.Header.Set("Set-Cookie", "sessionid=stranger; Max-Age=20")
		c.SetBodyString(LiveMarker)
		return true
	})
	c := clientUnderTest{Own(), 50 * time.Millisecond}
	res, err := c.Run(t.Context(), c.testLoad(strange.url, []string{"mine"}))
	if err != nil || res.Wrong == 0 || res.Good != 0 {
		t.Errorf("run = %+v, %v; want wrong answers only", res, err)
	}
}

func TestLoad_StopsWithItsContext(t *testing.T) {
	for name, c := range clients(t) {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			var requests atomic.Int64
			var cancelled atomic.Int64 // when
			l := c.testLoad(newServer(t, func(c *fasthttp.RequestCtx) bool {
				if requests.Add(1) == 1000 {
					cancelled.Store(time.Now().UnixNano())
					cancel()
				}
				return page(c)
			}).url, nil)
			l.Duration, l.Expect.Cookie = 30*time.Second, false
			res, err := c.Run(ctx, l)
			late := time.Since(time.Unix(0, cancelled.Load()))
			if err != nil || res.Good == 0 || late > 5*time.Second {
				t.Errorf("run = %+v, %v, %s after the context; want the result so far, at once", res, err, late)
			}
		})
	}
}

func TestVerify(t *testing.T) {
	memory := newServer(t).url
	live := seed(t, memory, 1)
	for _, test := range []struct {
		name, url, wantErr string
		ids                []string
	}{
		{"live", memory, "", live},
		{"not live", memory, "no good answer", []string{"gone"}},
		{"shows the page to every id", newServer(t, page).url, "made-up id", []string{"any"}},
		{"no server", "http://127.0.0.1:1", "no answer", []string{"any"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := Load{URL: test.url + "/get/", IDs: test.ids, Expect: Expectation{Marker: LiveMarker, Cookie: true}}
			size, err := Verify(l)
			if test.wantErr == "" && (err != nil || size == 0) {
				t.Errorf("Verify = %d, %v; want the body's size", size, err)
			}
			if test.wantErr != "" && (err == nil || !strings.Contains(err.Error(), test.wantErr)) {
				t.Errorf("Verify error = %v; want %q in it", err, test.wantErr)
			}
		})
	}
}
