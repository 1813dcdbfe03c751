package console_test

import (
	"fmt"
	"testing"
	"time"

	"pagesession/internal/account"
)

// Losing the right to sign in ends a user's console sessions, at once and in the
// lists.
func TestUser_SessionsEnd(t *testing.T) {
	for what, do := range map[string]func(*browser, account.User){
		"disabled":        func(b *browser, u account.User) { b.post(userAt(u, ""), whole(u, "is_active", "")...).Wants(303) },
		"no longer staff": func(b *browser, u account.User) { b.post(userAt(u, ""), whole(u, "is_staff", "")...).Wants(303) },
		"deleted":         func(b *browser, u account.User) { b.post(userAt(u, "delete/")).Wants(303) },
		"new password": func(b *browser, u account.User) {
			b.post(userAt(u, "password/"), "new1", password+"8", "new2", password+"8").Wants(303)
		},
	} {
		t.Run(what, func(t *testing.T) {
			d := openConsole(t)
			d.superuser("ada")
			bob := d.staff("bob", account.ViewUser)
			ada, bobs := d.as("ada"), d.as("bob")
			bobs.get("/admin/users/").Wants(200)
			before := d.operator.Stats().Sessions
			do(ada, bob)
			if after := d.operator.Stats().Sessions; after != before-1 {
				t.Errorf("%d sessions are left of %d; want one less", after, before)
			}
			out := bobs.get("/admin/users/").Wants(303).Lacks("<h1>").Leads()
			bobs.get(out).Wants(200, "You were signed out: your session was ended elsewhere", `name="next" value="/admin/users/"`)
			ada.get("/admin/users/").Wants(200)
			ada.get("/admin/log/?kind=console").Wants(200, "ended 1 console session of bob")
		})
	}
}

// A user has five sessions; with a sixth the user's oldest ends, and no other.
func TestSessions_AtMostFive(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	d.staff("bob")
	bob := d.as("bob")
	var all []*browser
	for range 7 {
		d.clock.Advance(time.Second)
		all = append(all, d.as("ada"))
	}
	for i, b := range all {
		want := 200
		if i < 2 {
			want = 303
		}
		a := b.get("/admin/")
		a.What += fmt.Sprint(" in browser ", i)
		a.Wants(want)
	}
	bob.get("/admin/").Wants(200)
	all[6].get("/admin/own-sessions/").Wants(200, "5 sessions", "current</span>", "End other sessions", "127.0.0.1")
	const end = "/admin/own-sessions/end-others/"
	all[6].post(end).Wants(422, "Enter your current password", "5 sessions")
	all[6].post(end, "old", "wrong secret").Wants(422, "Your current password is wrong", "5 sessions").Lacks("wrong secret")
	all[5].get("/admin/").Wants(200)
	all[6].post(end, "old", password).Wants(303)
	all[6].get("/admin/own-sessions/").Wants(200, "4 of your other sessions were ended", "1 session").Lacks("End other sessions")
	all[5].get("/admin/").Wants(303)
	bob.get("/admin/").Wants(200)
}

// Sessions that a new password at the command line has ended are in no list.
func TestSessions_OfAnOldPassword(t *testing.T) {
	d := openConsole(t)
	ada := d.superuser("ada")
	d.as("ada")
	if _, err := d.accounts.SetPassword(t.Context(), owner, ada.ID, password+"8"); err != nil {
		t.Fatal(err)
	}
	b := d.signedOut()
	b.post("/admin/login/", "username", "ada", "password", password+"8").Wants(303)
	b.get("/admin/own-sessions/").Wants(200, "1 session in", "current</span>").Lacks("End other sessions")
}
