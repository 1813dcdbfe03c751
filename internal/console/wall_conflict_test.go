package console_test

import (
	"testing"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/account"
	"pagesession/internal/console"
	"pagesession/internal/testkit"
	"pagesession/session"
)

// overtaken are sessions of wall screens that end right after they began, as by “End other
// sessions” in another tab.
type overtaken struct{ console.Sessions }

func (overtaken) Start(*fiber.Ctx, func(*fibersession.Session) error) (session.View, error) {
	return session.View{}, session.ErrEnded
}

// A screen whose session ended while it was being opened is a 409: there is no screen, the audit
// log has none, and the operator stays signed in.
func TestWall_EndedWhileItOpens(t *testing.T) {
	d := openConsole(t, func(cfg *console.Config) { cfg.Walls = overtaken{cfg.Walls} })
	d.staff("kiosk", account.ViewWall)
	b := d.as("kiosk")
	b.post(wallAt, "leave", "on").Wants(409, "Changed in the meantime", "Reload the page and try again.")
	b.get("/admin/").Wants(200)
	b.get(screenAt).Wants(303)
	if all := d.entries(account.EntryQuery{Kind: account.KindWall}); len(all) != 0 {
		t.Errorf("the audit log has %+v; want no screen", all)
	}
}

// With the cookies of two live screens none counts; opening makes a third, and ends neither.
func TestWall_Several(t *testing.T) {
	d, _ := walls(t)
	one, two := d.wall("kiosk"), d.wall("kiosk")
	b := d.as("kiosk")
	both := []testkit.Option{own, testkit.Cookie("adminwall", one.Jar["adminwall"]), testkit.Cookie("adminwall", two.Jar["adminwall"])}
	b.Get(screenAt, both...).Wants(303).Lacks("4\u202f711")
	b.Post(wallAt, append(both, testkit.Form("leave", "on"))...).Wants(303)
	for _, screen := range []*browser{one, two, b} {
		screen.get(screenAt).Wants(200)
	}
}
