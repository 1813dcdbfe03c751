package fiberv3_test

import (
	"fmt"
	"io"
	"net/http/httptest"

	"github.com/gofiber/fiber/v3"

	"pagesession/session"
	"pagesession/session/fiberv3"
	"pagesession/session/storetest"
)

func Example() {
	cfg := fiberv3.DefaultConfig()
	cfg.Store = &storetest.Memory{} // use storage.Storage.Sessions to survive a restart
	sessions, err := fiberv3.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	app := fiber.New()
	app.Post("/set", func(c fiber.Ctx) error {
		_, err := sessions.Start(c, func(d *session.Draft) error {
			d.Set("name", "Ada")
			return nil
		})
		return err
	})
	app.Get("/get", func(c fiber.Ctx) error {
		view, err := sessions.Refresh(c)
		if err != nil {
			return err
		}
		return c.SendString(view.State.String() + " " + view.Values.String("name"))
	})

	set, err := app.Test(httptest.NewRequest("POST", "/set", nil))
	if err != nil {
		fmt.Println(err)
		return
	}
	request := httptest.NewRequest("GET", "/get", nil)
	request.AddCookie(set.Cookies()[0])
	get, err := app.Test(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	body, _ := io.ReadAll(get.Body)
	fmt.Printf("%s, %d s\n", body, get.Cookies()[0].MaxAge)
	// Output: live Ada, 20 s
}

// The page's part is two lines: the script and the tag.
func ExampleSessions_Clock() {
	cfg := fiberv3.DefaultConfig()
	cfg.Store = &storetest.Memory{}
	sessions, err := fiberv3.New(cfg)
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
