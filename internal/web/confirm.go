package web

import "github.com/gofiber/fiber/v2"

// confirmPage asks a visitor whom another site sent to /set/ or /del/. Its
// button posts, from our own page, and so passes as the visitor's will.
type confirmPage struct {
	Title, Ask, What string
	Action, Button   string
	Name             string // posted along; none when empty
}

func confirmSet(c *fiber.Ctx, name string) error {
	return confirm(c, confirmPage{
		Title: "Set Session", Ask: "Set your session?",
		What:   "If you want it, your session will carry the name",
		Action: "/set/", Button: "Set session", Name: name,
	})
}

func confirmDel(c *fiber.Ctx) error {
	return confirm(c, confirmPage{
		Title: "Delete Session", Ask: "Delete your session?",
		What:   "If you want it, your session ends now, in every tab",
		Action: "/del/", Button: "Delete session",
	})
}

func confirm(c *fiber.Ctx, page confirmPage) error {
	noStore(c)
	return c.Render("confirm", &page)
}
