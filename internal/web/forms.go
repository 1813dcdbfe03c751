package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
)

// field returns a field of a POST's form, or nothing.
func field(c *fiber.Ctx, name string) string {
	if all, _ := page.FormValues(c.Request(), name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// backTo returns where a form wants its visitor to be sent when it is done, and
// false when it does not say. Only pages of this server are on the list: anything
// else could be another site's.
func backTo(c *fiber.Ctx) (page string, ok bool) {
	page = field(c, "back")
	return page, slices.Contains([]string{"/", "/get/"}, page)
}
