package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"pagesession/internal/account"
)

// A page is what every page of the console has. The pages' own types embed it.
type page struct {
	Title   string
	Crumbs  []crumb // the way here, without this page
	User    string  // who is logged in; "": nobody
	Nav     []link  // the sections that this user may see
	Notices []notice
	Theme   string // auto, light or dark
	Here    string // this page's address, to come back to
	Clock   *clock // of the console session
}

// A crumb is a page on the way from the console's first page to this one.
type crumb struct{ Title, URL string }

// A link leads to a section.
type link struct {
	Title, URL string
	Current    bool
}

// page begins the page of a visit.
func (s *console) page(v *visit, title string, crumbs ...crumb) page {
	here := string(v.Request().RequestURI())
	p := page{Title: title, User: v.user.Username, Theme: themeOf(v.Ctx), Here: here, Notices: s.waiting(v.Ctx)}
	if v.user.ID != 0 {
		p.Crumbs = append([]crumb{{"Console", "/admin/"}}, slices.DeleteFunc(crumbs, func(c crumb) bool { return !opens(v.user, c.URL) })...)
		p.Nav = s.nav(v)
		p.Clock = newClock(v.view.Remaining, v.view.IdleTimeout, v.view.AbsoluteRemaining, here)
	}
	return p
}

// sections are the entries of the menu and what each needs.
var sections = []struct {
	link
	need need
}{
	{link{Title: "Sessions", URL: "/admin/sessions/"}, can(account.ViewSession)},
	{link{Title: "Users", URL: "/admin/users/"}, seeUsers},
	{link{Title: "Groups", URL: "/admin/groups/"}, seeGroups},
	{link{Title: "Audit log", URL: "/admin/log/"}, can(account.ViewLogEntry)},
}

// opens tells whether a user may see the section that an address is in.
func opens(u account.User, address string) bool {
	for _, section := range sections {
		if strings.HasPrefix(address, section.URL) {
			return allows(u, section.need)
		}
	}
	return true
}

// Up is the page above this one, for who changes his mind.
func (p page) Up() string { return p.Crumbs[len(p.Crumbs)-1].URL }

func (s *console) nav(v *visit) []link {
	var all []link
	for _, section := range sections {
		if allows(v.user, section.need) {
			section.Current = strings.HasPrefix(v.Path(), section.URL)
			all = append(all, section.link)
		}
	}
	return all
}

// A clock is what clock.js counts down from.
type clock struct {
	RemainingMS, IdleMS, AbsoluteMS string
	Gone                            string // where an ended session leads, up to the reason
	Left                            string
}

func newClock(remaining, idle, absolute time.Duration, here string) *clock {
	return &clock{
		RemainingMS: ms(remaining), IdleMS: ms(idle), AbsoluteMS: ms(absolute),
		Gone: "/admin/login/?next=" + url.QueryEscape(here) + "&was=",
		Left: strconv.Itoa(int((remaining+time.Minute-1)/time.Minute)) + " min",
	}
}

// ms rounds up: when a count made of it has run down, the session is over.
func ms(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Millisecond-1)/time.Millisecond), 10)
}
