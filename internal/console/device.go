package console

import (
	"crypto/rand"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/securecookie"

	"pagesession/internal/account"
	"pagesession/internal/basepath"
	"pagesession/internal/page"
)

// deviceAge is how long a browser is known after the last sign-in.
const deviceAge = 365 * 24 * time.Hour

// devices knows browsers in which a user has signed in, by a cookie that is signed with
// the server's key. The cookie signs no user in. Its browser has its own count of failed
// sign-ins for this user, so strangers cannot delay it, and a place in the queue. It stays
// valid when the user signs out or gets another password, because the count is then of use,
// too. Safe for concurrent use.
type devices struct {
	cookie page.Cookie
	codec  *securecookie.SecureCookie
}

// A device is the content of the cookie, next to the time of its making.
type device struct {
	User uint64 `json:"u"`
	ID   string `json:"d"` // random
}

// newDevices takes the key of the flash notices. Neither cookie is taken for the other,
// because a signature covers the cookie's name.
func newDevices(base basepath.Path, key []byte) *devices {
	cookie := page.Cookie{Name: "admindevice", Path: "/admin/", SameSite: "Lax"}.Below(base)
	codec := securecookie.New(key, nil).SetSerializer(securecookie.JSONEncoder{}).MaxAge(int(deviceAge / time.Second))
	return &devices{cookie, codec}
}

// of returns the device that a browser proves to be; the zero value if its cookie is
// missing, forged, older than deviceAge, or signed with another key.
func (d *devices) of(c *fiber.Ctx) account.Device {
	for _, value := range d.cookie.Values(c) {
		var found device
		if d.codec.Decode(d.cookie.Name, value, &found) == nil {
			return account.Device{User: found.User, ID: found.ID}
		}
	}
	return account.Device{}
}

// remember sets the cookie for a user who has signed in. The browser keeps its id, and with
// it its count, unless it was another user's.
func (d *devices) remember(c *fiber.Ctx, user uint64) error {
	known := d.of(c)
	if known.User != user || known.ID == "" {
		known.ID = rand.Text()
	}
	value, err := d.codec.Encode(d.cookie.Name, device{user, known.ID})
	if err != nil {
		return err
	}
	d.cookie.Set(c, value, deviceAge)
	return nil
}
