package admin

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// field returns a field of a POST's form, a copy. Unlike FormValue it does not
// look into the query, where a password would get into logs and histories.
func (v *visit) field(name string) string {
	if v.Method() != fiber.MethodPost {
		return ""
	}
	if args := v.Request().PostArgs(); args.Has(name) {
		return string(args.Peek(name))
	}
	form, err := v.MultipartForm()
	if err != nil || len(form.Value[name]) == 0 {
		return ""
	}
	return strings.Clone(form.Value[name][0])
}

// query returns a parameter of the address, a copy.
func (v *visit) query(name string) string { return string(v.Context().QueryArgs().Peek(name)) }
