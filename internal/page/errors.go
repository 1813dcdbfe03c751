package page

import (
	"errors"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
)

// A Status is an error that its HTTP status describes in full.
type Status int

// Error returns "status 404".
func (s Status) Error() string { return "status " + strconv.Itoa(int(s)) }

// A Rule gives errors a status.
type Rule struct {
	Status Status
	Errors []error // as errors.Is finds them
}

// StatusOf returns the status of an error: that of a Status or a *fiber.Error
// in its chain, else that of the first rule that names it, else 500.
func StatusOf(err error, rules []Rule) int {
	var status Status
	var fromFiber *fiber.Error
	switch {
	case errors.As(err, &status):
		return int(status)
	case errors.As(err, &fromFiber):
		return fromFiber.Code
	}
	for _, rule := range rules {
		for _, known := range rule.Errors {
			if errors.Is(err, known) {
				return int(rule.Status)
			}
		}
	}
	return fiber.StatusInternalServerError
}

// Fail begins the answer to an error. It takes back every cookie that was set on
// the way, and keeps the answer out of caches. A wait of 0 sends no Retry-After.
func Fail(c *fiber.Ctx, status int, wait time.Duration) {
	c.Response().Header.DelAllCookies()
	NoStore(c)
	RetryAfter(c, wait)
	c.Status(status)
}

// RetryAfter says when to try again, rounded up to seconds; 0 says nothing.
func RetryAfter(c *fiber.Ctx, wait time.Duration) {
	if wait > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.FormatInt(Seconds(wait), 10))
	}
}
