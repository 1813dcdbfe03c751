package main

import (
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// oneSession serves one session that lives as long as alive says, given the
// age of the session and the time since it was last looked at.
func oneSession(alive func(age, unseen time.Duration) bool) *fiber.App {
	var made, seen time.Time // one client: no two requests at once
	app := newPeerApp()
	live := func() bool {
		ok := alive(time.Since(made), time.Since(seen))
		seen = time.Now()
		return ok
	}
	app.Get("/set/", func(c *fiber.Ctx) error {
		made, seen = time.Now(), time.Now()
		c.Set("Set-Cookie", "sessionid=a; Max-Age=20")
		return c.SendString(createdMarker)
	})
	app.Get("/session/", func(c *fiber.Ctx) error {
		if live() {
			return c.JSON(peeked{State: stateLive, Name: visitorName})
		}
		return c.JSON(peeked{State: stateEnded})
	})
	app.Get("/get/", func(c *fiber.Ctx) error {
		if live() {
			return renderPeerPage(c, getTemplate, visitorName)
		}
		return c.SendString("Your session has ended")
	})
	return app
}

func TestWatchIdle(t *testing.T) {
	const idle = time.Second
	for name, test := range map[string]struct {
		alive func(age, unseen time.Duration) bool
		want  string
	}{
		"as promised":     {func(age, _ time.Duration) bool { return age < idle }, "live at "},
		"too early":       {func(age, _ time.Duration) bool { return age < idle*4/5 }, "gone already"},
		"much too early":  {func(age, _ time.Duration) bool { return age < idle/4 }, "never seen live"},
		"a little late":   {func(age, _ time.Duration) bool { return age < idle*5/4 }, "live for too long"},
		"never":           {func(_, _ time.Duration) bool { return true }, "still live"},
		"a look prolongs": {func(_, unseen time.Duration) bool { return unseen < idle }, "still live"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := watchIdle(t.Context(), serve(t, oneSession(test.alive)), idle)
			if !strings.Contains(r.String(), test.want) || (r.Bad == "") != (test.want == "live at ") {
				t.Errorf("watchIdle = %+v (%s); want %q", r, r, test.want)
			}
		})
	}
}

// What a look says has to be what the page says.
func TestWatchIdle_PageDisagrees(t *testing.T) {
	app := newPeerApp()
	app.Get("/set/", func(c *fiber.Ctx) error {
		c.Set("Set-Cookie", "sessionid=a; Max-Age=20")
		return c.SendString(createdMarker)
	})
	looks := 0
	app.Get("/session/", func(c *fiber.Ctx) error {
		if looks++; looks < 5 {
			return c.JSON(peeked{State: stateLive, Name: visitorName})
		}
		return c.JSON(peeked{State: stateEnded})
	})
	app.Get("/get/", func(c *fiber.Ctx) error { return renderPeerPage(c, getTemplate, visitorName) })
	r := watchIdle(t.Context(), serve(t, app), 100*time.Millisecond)
	if !strings.Contains(r.Bad, "gone, but /get/ answers") {
		t.Errorf("watchIdle = %+v; want that the page disagrees", r)
	}
}

func TestWatchIdle_NoServer(t *testing.T) {
	if r := watchIdle(t.Context(), "http://127.0.0.1:1", time.Second); !strings.Contains(r.Bad, "could not be watched") {
		t.Errorf("watchIdle without a server = %+v", r)
	}
}
