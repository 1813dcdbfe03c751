package console_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pagesession/internal/console"
)

// Operators' sessions in Redis are listed by sign-in, the newest first, each once over the pages,
// and without those of an old password. A search finds them, and one ends.
func TestConsoleList_OnRedis(t *testing.T) {
	d, _ := operatorsOnRedis(t, 5*time.Second)
	const users = 60
	oldest := d.as("ada")
	for i := range users {
		d.staff(fmt.Sprintf("user%02d", i))
		d.as(fmt.Sprintf("user%02d", i))
	}
	ada := d.as("ada")
	if _, err := d.accounts.SetPassword(t.Context(), owner, must(d.accounts.UserByName(t.Context(), "user30")).ID, password+"8"); err != nil {
		t.Fatal(err)
	}
	first := ada.get(consolesAt).Wants(200, "1 to 50 of about 62", "<bdi>user59</bdi>", "current</span>", `<span class="button off">First</span>`).
		Lacks("<bdi>user00</bdi>", "<bdi>user30</bdi>", "Previous", "Last</")
	second := ada.next(first).Wants(200, "51 to 61 of about 62", "<bdi>user00</bdi>", "<bdi>ada</bdi>", `href="/admin/console-sessions/">First`, `<span class="button off">Next</span>`)
	got := slices.Concat(handlesIn(first.Text), handlesIn(second.Text))
	slices.Sort(got)
	if n := len(slices.Compact(got)); n != users+1 || len(got) != users+1 {
		t.Errorf("the pages have %d sessions, %d of them once; want %d", len(got), n, users+1)
	}
	ada.get(consolesAt+"?q=USER30").Wants(200, "No matching sessions")
	user07 := handlesIn(ada.get(consolesAt+"?q=USER07").Wants(200, "<bdi>user07</bdi>", "1 in all").Lacks("<bdi>user08</bdi>").Text)
	ada.post(consolesAt+"end/", "handle", user07[0], "sure", "yes").Wants(303)
	ada.get(consolesAt+"?q=user07").Wants(200, "The session was ended.", "No matching sessions")
	oldest.get("/admin/").Wants(200)
}

// A page that has looked at enough sessions says how far it is, and goes on.
func TestConsoleList_GoesOn(t *testing.T) {
	d := openConsole(t, func(cfg *console.Config) { cfg.Operators = byPosition{cfg.Operators, cfg.Now, 4} })
	d.superuser("ada")
	d.staff("bob")
	d.as("bob")
	d.clock.Advance(time.Second)
	for i := range 5 {
		d.staff(fmt.Sprintf("user%d", i))
		d.as(fmt.Sprintf("user%d", i))
		d.clock.Advance(time.Second)
	}
	ada := d.as("ada")
	first := ada.get(consolesAt+"?q=bob").Wants(200, "No session found yet", "Looked at 4 of about 7 sessions, none found so far.", "Go on")
	second := ada.next(first).Wants(200, "<bdi>bob</bdi>", "All sessions were looked at, 1 found.")
	if rest := ada.next(second); rest != nil {
		t.Errorf("the last page leads to %s", rest.What)
	}
}
