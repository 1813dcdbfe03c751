package console

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
)

var themeCookie = page.Cookie{Name: "theme", Path: "/admin/", SameSite: "Strict", Secure: true}

// theme answers POST /admin/theme/: it keeps the theme in a cookie, which says
// nothing about a person, and goes back to the page.
func (s *console) theme(r *request) error {
	themeCookie.Set(r.Ctx, knownTheme(r.field("theme")), 365*24*time.Hour)
	return r.Redirect(nextOf(r.field("next")), fiber.StatusSeeOther)
}

func themeOf(c *fiber.Ctx) string {
	value, _ := themeCookie.Value(c)
	return knownTheme(value)
}

func knownTheme(theme string) string {
	if theme == "light" || theme == "dark" {
		return theme
	}
	return "auto"
}
