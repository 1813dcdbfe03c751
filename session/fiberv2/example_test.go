package fiberv2_test

import (
	"fmt"
	"io"
	"net/http/httptest"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/session/fiberv2"
	"pagesession/session/storetest"
)

func Example() {
	cfg := fiberv2.DefaultConfig()
	cfg.Store = &storetest.Memory{} // use storage.Storage.Sessions to survive a restart
	sessions, err := fiberv2.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}

	app := fiber.New()
	app.Get("/set/", func(c *fiber.Ctx) error {
		_, err := sessions.Start(c, func(s *fibersession.Session) error {
			s.Set("name", "Sonam")
			return nil
		})
		return err
	})
	app.Get("/get/", func(c *fiber.Ctx) error {
		view, err := sessions.Refresh(c)
		if err != nil {
			return err
		}
		return c.SendString(view.State.String() + " " + view.Values.String("name"))
	})

	set, _ := app.Test(httptest.NewRequest("GET", "/set/", nil))
	req := httptest.NewRequest("GET", "/get/", nil)
	req.AddCookie(set.Cookies()[0])
	get, _ := app.Test(req)
	body, _ := io.ReadAll(get.Body)
	fmt.Printf("%s, %d s\n", body, get.Cookies()[0].MaxAge)
	// Output: live Sonam, 20 s
}

// The page's part is two lines: the script and the tag.
func ExampleSessions_Clock() {
	cfg := fiberv2.DefaultConfig()
	cfg.Store = &storetest.Memory{}
	sessions, err := fiberv2.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	app := fiber.New()
	sessions.Clock(app, "/session/")

	answer, err := app.Test(httptest.NewRequest("GET", "/session/", nil))
	if err != nil {
		fmt.Println(err)
		return
	}
	body, _ := io.ReadAll(answer.Body)
	fmt.Printf("%s\n", body)
	// Output: {"state":"none","reason":"","remaining_ms":0,"idle_timeout_ms":0,"absolute_remaining_ms":0}
}
