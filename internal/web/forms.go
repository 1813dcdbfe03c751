package web

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	"github.com/valyala/fasthttp"
)

// errCoded: a form came compressed. Only programs do that, and a few kilobytes
// that pass the limit of a body can hold gigabytes.
var errCoded = errors.New("a form with a Content-Encoding")

// formValue returns a field of a POST's form, urlencoded or multipart. Its result
// points into the request.
func formValue(req *fasthttp.Request, field string) (value string, given bool, err error) {
	if !req.Header.IsPost() {
		return "", false, nil
	}
	if len(req.Header.ContentEncoding()) > 0 {
		return "", false, errCoded
	}
	if args := req.PostArgs(); args.Has(field) {
		return utils.UnsafeString(args.Peek(field)), true, nil
	}
	form, err := req.MultipartForm()
	if errors.Is(err, fasthttp.ErrNoMultipartForm) {
		return "", false, nil
	}
	if err != nil || len(form.Value[field]) == 0 {
		return "", false, err
	}
	return form.Value[field][0], true, nil
}

// backTo returns where a form wants its visitor to be sent when it is done, and
// false when it does not say. Only pages of this server are on the list: anything
// else could be another site's.
func backTo(c *fiber.Ctx) (page string, ok bool) {
	value, _, _ := formValue(c.Request(), "back")
	switch value {
	case "/":
		return "/", true
	case "/get/":
		return "/get/", true
	default:
		return "", false
	}
}
