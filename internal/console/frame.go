package console

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/page"
	"pagesession/internal/text"
	"pagesession/session"
)

// A frame is what every page has around its content. The pages' types embed it.
type frame struct {
	Title    string
	Crumbs   []crumb // the way here, without this page
	User     string  // who is signed in; "" before the sign-in
	Nav      []link  // the sections that this user may see
	Notices  []page.Notice
	Theme    string // auto, light or dark
	Consoles bool   // they may see the sessions of all operators
	Settings bool   // they may see those of the server
	Here     string // this page's address, to come back to
	Clock    *clock // of the console session
}

// A crumb is a page on the way from the dashboard to this one.
type crumb struct{ Title, URL string }

// A link leads to a section.
type link struct {
	Title, URL string
	Current    bool
}

func (s *console) frame(r *request, title string, crumbs ...crumb) frame {
	here := string(r.Request().RequestURI())
	f := frame{Title: title, User: r.user.Username, Theme: themeOf(r.Ctx), Here: here, Notices: s.notices(r.Ctx)}
	if r.user.ID != 0 {
		f.Crumbs = slices.DeleteFunc(crumbs, func(c crumb) bool { return !opens(r.user, c.URL) })
		setUp := s.mustSetUp(r.user)
		f.Consoles, f.Settings = !setUp && seeConsoles.admits(r.user), !setUp && r.user.Superuser
		if !setUp {
			f.Crumbs, f.Nav = append([]crumb{{"Dashboard", "/admin/"}}, f.Crumbs...), nav(r)
		}
		f.Clock = newClock(r, here)
		f.Clock.Owner, f.Clock.SetUp, f.Clock.May = s.owner(r.user.ID), setUp, mayOf(r.user)
	}
	return f
}

// render answers with a page.
func (s *console) render(r *request, name string, data any) error {
	return s.templates.Render(r.Ctx, name, data)
}

// sections are the entries of the menu, and who sees them.
var sections = []struct {
	link
	access access
}{
	{link{Title: "Sessions", URL: "/admin/sessions/"}, can(account.ViewSession)},
	{link{Title: "Users", URL: "/admin/users/"}, seeUsers},
	{link{Title: "Groups", URL: "/admin/groups/"}, seeGroups},
	{link{Title: "Audit log", URL: "/admin/log/"}, can(account.ViewLogEntry)},
	{link{Title: "Backups", URL: backupsPath}, nil}, // for superusers
}

// opens reports whether a user may see the section that an address is in.
func opens(u account.User, address string) bool {
	for _, section := range sections {
		if strings.HasPrefix(address, section.URL) {
			return section.access.admits(u)
		}
	}
	return true
}

// Up is the page above this one, for an operator who cancels.
func (f frame) Up() string { return f.Crumbs[len(f.Crumbs)-1].URL }

func nav(r *request) []link {
	var all []link
	for _, section := range sections {
		if section.access.admits(r.user) {
			section.Current = strings.HasPrefix(r.Path(), section.URL)
			all = append(all, section.link)
		}
	}
	return all
}

// A clock is what <session-clock> counts down from.
type clock struct {
	RemainingMS, IdleMS, AbsoluteMS int64
	Gone                            string // where an ended session leads, up to the reason
	Left                            string
	Owner                           string // whose typed text scripts may keep
	SetUp                           bool   // this page is for one who has to set up a second factor first
	May                             string // see mayOf
}

// mayOf has what an operator may do, for scripts, which compare it with what they may do later.
func mayOf(u account.User) string {
	var all []string
	for _, p := range u.Effective() {
		all = append(all, string(p))
	}
	if u.Superuser {
		all = append(all, account.FieldSuperuser)
	}
	return strings.Join(all, " ")
}

// owner returns a word for a user that only this server can make, and that does not say
// which user it is.
func (s *console) owner(user uint64) string {
	mac := hmac.New(sha256.New, s.FlashKey)
	fmt.Fprintf(mac, "pagesession typed text %d", user)
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

func newClock(r *request, here string) *clock {
	left := (r.view.Remaining + time.Minute - 1).Truncate(time.Minute)
	return &clock{
		RemainingMS: page.Millis(r.view.Remaining), IdleMS: page.Millis(r.view.IdleTimeout), AbsoluteMS: page.Millis(r.view.AbsoluteRemaining),
		Gone: signInAgain(here, ""),
		Left: text.ShortDuration(left),
	}
}

var themeCookie = page.Cookie{Name: "theme", Path: "/admin/", SameSite: "Lax"}

// theme answers POST /admin/theme/: it keeps the theme in a cookie.
func (s *console) theme(r *request) error {
	themeCookie.Below(s.BasePath).Set(r.Ctx, knownTheme(r.field("theme")), 365*24*time.Hour)
	next := nextOf(r.field("next"))
	if r.field("next") == secondStepPath { // no sign-in leads there, but this does
		next = secondStepPath
	}
	return r.Redirect(next, fiber.StatusSeeOther)
}

func themeOf(c *fiber.Ctx) string {
	for _, value := range themeCookie.Values(c) {
		if theme := knownTheme(value); theme == value { // otherwise another program's
			return theme
		}
	}
	return knownTheme("")
}

func knownTheme(theme string) string {
	if theme == "light" || theme == "dark" {
		return theme
	}
	return "auto"
}

// A clockNow is how a session is, and what its operator may do, so a page that no stream tells
// hears of less.
type clockNow struct {
	session.ClockState
	May   string `json:"may"`
	SetUp bool   `json:"set_up,omitempty"` // they have to set up a second factor first
}

// clockState answers GET /admin/session/, how much is left, and extends nothing;
// and POST /admin/session/refresh/, with which the operator stays.
func (s *console) clockState(r *request) error {
	known, err := s.loggedIn(r, r.Method() != fiber.MethodPost)
	if err != nil {
		return err
	}
	now := clockNow{ClockState: r.view.ClockState()}
	if known {
		now.May, now.SetUp = mayOf(r.user), s.mustSetUp(r.user)
	} else if r.Method() == fiber.MethodPost {
		r.Status(fiber.StatusUnauthorized)
	}
	return r.JSON(now, fiber.MIMEApplicationJSONCharsetUTF8)
}
