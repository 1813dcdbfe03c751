package console

import (
	"time"

	"github.com/gofiber/fiber/v2"
)

const themeCookie = "theme"

// theme answers POST /admin/theme/: it keeps the choice in a cookie, which says
// nothing about anybody, and goes back to the page.
func (s *console) theme(v *visit) error {
	choice := v.field("theme")
	if choice != "light" && choice != "dark" {
		choice = "auto"
	}
	setCookie(v.Ctx, themeCookie, choice, 365*24*time.Hour)
	return v.Redirect(nextOf(v.field("next")), fiber.StatusSeeOther)
}

func themeOf(c *fiber.Ctx) string {
	switch c.Cookies(themeCookie) {
	case "light":
		return "light"
	case "dark":
		return "dark"
	}
	return "auto"
}
