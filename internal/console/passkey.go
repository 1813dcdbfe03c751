package console

import (
	"encoding/json"
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/client"
	"pagesession/internal/hosts"
	"pagesession/internal/page"
	"pagesession/internal/passkey"
)

// A passkey is made and used in two steps. The script of a form asks for options, which come
// with a challenge in a cookie; the form brings the answer. passkey_login.go has the sign-in,
// passkey_own.go the operator's own passkeys.

// challengeCookie has the challenge of a sign-in.
var challengeCookie = page.Cookie{Name: "adminchallenge", Path: "/admin/login/", SameSite: "Lax"}

// answerField is the field of a form that has the answer.
const answerField = "answer"

// passkeySite returns the site of a request, and why browsers allow no passkeys there; "" if
// they do. A form's page says itself what it is, also behind a proxy that is not trusted.
func passkeySite(c *fiber.Ctx) (site passkey.Site, why string) {
	host := hosts.Name(c.Request().Header.Host())
	addr, notAddr := netip.ParseAddr(strings.Trim(host, "[]"))
	switch {
	case notAddr == nil && addr.IsLoopback():
		return site, "Browsers allow passkeys only at a host name, and this address is an IP address. Open the console at localhost instead of " + host + "."
	case notAddr == nil:
		return site, "Browsers allow passkeys only at a host name, and this address is an IP address."
	case dropsCookies(c):
		return site, "Browsers allow passkeys only over https, and this page uses plain http."
	}
	site = passkey.Site{Host: host, Page: schemeOf(c) + "://" + string(c.Request().Header.Host())}
	if own := c.Get(fiber.HeaderOrigin); client.IsOwnPage(c.Context(), own) {
		site.Page = own
	}
	if !site.Allowed() {
		return passkey.Site{}, "Passkeys do not work at this host name. They need localhost, or a name with a dot, such as console.example.org."
	}
	return site, ""
}

// A passkeyReply is what the script of a form gets.
type passkeyReply struct {
	Options json.RawMessage `json:"options,omitempty"`
	Wrong   string          `json:"wrong,omitempty"` // a sentence for people
}

// noPasskey tells the script of a form why it gets no options.
func noPasskey(r *request, status int, wrong string) error {
	return r.Status(status).JSON(passkeyReply{Wrong: wrong}, fiber.MIMEApplicationJSONCharsetUTF8)
}

func passkeyOptions(r *request, options []byte) error {
	return r.JSON(passkeyReply{Options: options}, fiber.MIMEApplicationJSONCharsetUTF8)
}
