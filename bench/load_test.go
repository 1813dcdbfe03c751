package main

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

func seedTest(t *testing.T, url string, n int) []string {
	t.Helper()
	ids, err := seedSessions(t.Context(), url, n, 1)
	if err != nil {
		t.Fatalf("seedSessions: %v", err)
	}
	return ids
}

func TestLoad_LiveSessions(t *testing.T) {
	url := serve(t, memoryPeer())
	ids := seedTest(t, url, 100)
	for name, c := range clients(t) {
		t.Run(name, func(t *testing.T) {
			res, err := c.run(t.Context(), c.testLoad(url, ids))
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

// A server that was restarted without its sessions answers 200, and fast. It
// must be seen through by both clients.
func TestLoad_LostSessionsAreExpired(t *testing.T) {
	ids := seedTest(t, serve(t, memoryPeer()), 100)
	forgetful := serve(t, memoryPeer())
	for name, c := range clients(t) {
		t.Run(name, func(t *testing.T) {
			res, err := c.run(t.Context(), c.testLoad(forgetful, ids))
			if err != nil {
				t.Fatal(err)
			}
			if res.Expired == 0 || res.Good+res.Wrong+res.Errors != 0 {
				t.Errorf("run = %+v; want expired answers only", res)
			}
			if res.rate() != 0 || res.Latency != nil {
				t.Errorf("rate %v, latency %+v; want none from expired answers", res.rate(), res.Latency)
			}
		})
	}
}

// Each kind of answer in turn: a quarter of all is good, the rest is told.
func TestLoad_EveryKindOfAnswerIsCounted(t *testing.T) {
	url := serve(t, moodyPeer())
	for name, c := range clients(t) {
		t.Run(name, func(t *testing.T) {
			res, err := c.run(t.Context(), c.testLoad(url, []string{"a"}))
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

// moodyPeer answers in turn: well, expired, with an error, without cookie.
func moodyPeer() *fiber.App {
	var n atomic.Int64
	app := newPeerApp()
	app.Get("/get/", func(c *fiber.Ctx) error {
		mood := n.Add(1) % 4
		if mood == 0 {
			return c.SendString("<p>Your session has Expired...</p>")
		}
		if mood != 1 {
			c.Set("Set-Cookie", "sessionid=a; Max-Age=20")
		}
		if mood == 2 {
			c.Status(fiber.StatusServiceUnavailable)
		}
		return renderPeerPage(c, getTemplate, visitorName)
	})
	return app
}

// Only the own client can know: the page is right, the cookie another's.
func TestLoad_OwnClientSeesAnothersCookie(t *testing.T) {
	app := newPeerApp()
	app.Get("/get/", func(c *fiber.Ctx) error {
		c.Set("Set-Cookie", "sessionid=stranger; Max-Age=20")
		return renderPeerPage(c, getTemplate, visitorName)
	})
	c := clientUnderTest{ownClient{}, 50 * time.Millisecond}
	res, err := c.run(t.Context(), c.testLoad(serve(t, app), []string{"mine"}))
	if err != nil || res.Wrong == 0 || res.Good != 0 {
		t.Errorf("run = %+v, %v; want wrong answers only", res, err)
	}
}

func TestLoad_StopsWithItsContext(t *testing.T) {
	url := serve(t, pagePeer())
	for name, c := range clients(t) {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			l := c.testLoad(url, nil)
			l.duration, l.expect.cookie = 30*time.Second, false
			began := time.Now()
			res, err := c.run(ctx, l)
			if err != nil || res.Good == 0 || time.Since(began) > 5*time.Second {
				t.Errorf("run = %+v, %v after %s; want what there was at once", res, err, time.Since(began))
			}
		})
	}
}

func TestProve(t *testing.T) {
	blind := newPeerApp()
	blind.Get("/get/", func(c *fiber.Ctx) error {
		c.Set("Set-Cookie", "sessionid="+c.Cookies(cookieName)+"; Max-Age=20")
		return renderPeerPage(c, getTemplate, visitorName)
	})
	memory := serve(t, memoryPeer())
	live := seedTest(t, memory, 1)
	for _, test := range []struct {
		name, url, wantErr string
		ids                []string
	}{
		{"live", memory, "", live},
		{"not live", memory, "no good answer", []string{"gone"}},
		{"shows the page to everybody", serve(t, blind), "nobody issued", []string{"any"}},
		{"nobody there", "http://127.0.0.1:1", "no answer", []string{"any"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := load{url: test.url + "/get/", ids: test.ids, expect: expectation{marker: liveMarker, cookie: true}}
			size, err := prove(l)
			if test.wantErr == "" && (err != nil || size < 1000) {
				t.Errorf("prove = %d, %v; want the page's size", size, err)
			}
			if test.wantErr != "" && (err == nil || !strings.Contains(err.Error(), test.wantErr)) {
				t.Errorf("prove error = %v; want %q in it", err, test.wantErr)
			}
		})
	}
}
