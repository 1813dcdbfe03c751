package web

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/page"
	"pagesession/internal/testkit"
	"pagesession/session"
	"pagesession/storage/record"
)

var testKey = []byte("0123456789abcdef0123456789abcdef")

// onFlashes calls f with the flashes in a request's Cookie header.
func onFlashes(t *testing.T, cookie string, f func(*page.Flashes, *fiber.Ctx)) {
	t.Helper()
	flashes, err := page.NewFlashes(flashCookie, testKey)
	if err != nil {
		t.Fatal(err)
	}
	app := fiber.New()
	c := app.AcquireCtx(&fasthttp.RequestCtx{})
	defer app.ReleaseCtx(c)
	c.Request().Header.Set("Cookie", cookie)
	f(flashes, c)
}

// sealed is a Cookie header that carries flash notices.
func sealed(t *testing.T, all ...page.Flash) (header string) {
	t.Helper()
	onFlashes(t, "", func(f *page.Flashes, c *fiber.Ctx) {
		if err := f.Add(c, all...); err != nil {
			t.Fatal(err)
		}
		value, _, _ := strings.Cut(string(c.Response().Header.PeekCookie("messages")), ";")
		header = "Cookie: " + value
	})
	return header
}

// sent are the flash notices in the cookie that an answer sets: "success
// notice.renamed, ...".
func sent(t *testing.T, a *testkit.Reply) string {
	t.Helper()
	var all []string
	onFlashes(t, "messages="+sentMessages(t, a), func(f *page.Flashes, c *fiber.Ctx) {
		for _, flash := range f.Take(c) {
			all = append(all, flash.Level.String()+" "+flash.Key)
		}
	})
	return strings.Join(all, ", ")
}

const forgotten = `messages=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; SameSite=Lax`

// sentMessages returns the value of the messages cookie that an answer sets, or
// nothing; and fails unless the cookie is as closed as it can be.
func sentMessages(t *testing.T, a *testkit.Reply) string {
	t.Helper()
	for _, cookie := range cookies(a) {
		value, rest, _ := strings.Cut(strings.TrimPrefix(cookie, "messages="), ";")
		if value == cookie || cookie == forgotten || !strings.HasPrefix(cookie, "messages=") {
			continue
		}
		if want := " HttpOnly; Max-Age=180; Path=/; SameSite=Lax"; rest != want {
			t.Errorf("messages cookie with%q; want%q", rest, want)
		}
		return value
	}
	return ""
}

// A form that is done sends its visitor back, with a notice for the next page.
func TestNotices_Sent(t *testing.T) {
	live, none, idle := liveView("Sonam"), session.View{}, endedView(record.Idle)
	tests := []struct {
		view         session.View
		target, body string
		code         int
		location     string
		notices      string
	}{
		{live, "/set/", "name=Robin&was=live&back=/", 303, "/", "success notice.renamed"},
		{idle, "/set/", "name=Robin&was=live&back=/", 303, "/", "info notice.anew"},
		{none, "/set/", "name=Robin&was=live&back=/get/", 303, "/get/", "info notice.anew"},
		{live, "/set/", "name=Robin", 200, "", ""},
		{live, "/del/", "back=/", 303, "/", "success notice.deleted"},
		{live, "/del/", "", 200, "", ""},
		{live, "/del/", "back=//evil.example/", 200, "", ""},
		{live, "/del/", "back=https://evil.example/", 200, "", ""},
		{live, "/del/", "back=/\\evil.example", 200, "", ""},
		{live, "/del/", "back=/%0d%0aSet-Cookie:x=y", 200, "", ""},
		{live, "/del/", "back=/nope", 200, "", ""},
		{live, "/set/", "name=&back=/", 400, "", ""},
	}
	for _, tt := range tests {
		app, _ := newApp(t, tt.view)
		a := ask(t, app, "POST", tt.target, tt.body)
		if got := a.Header.Get("Location"); a.StatusCode != tt.code || got != tt.location {
			t.Errorf("POST %s %s = %d to %q; want %d to %q", tt.target, tt.body, a.StatusCode, got, tt.code, tt.location)
		}
		if got := sent(t, a); got != tt.notices {
			t.Errorf("POST %s %s tells %q; want %q", tt.target, tt.body, got, tt.notices)
		}
		checkHeaders(t, a)
		checkCaching(t, a, tt.code != 400)
	}
}

// A failed request adds no notice, and takes none away.
func TestNotices_NotAfterAFailure(t *testing.T) {
	for _, why := range []error{session.ErrFull, session.ErrEnded} {
		app, f := newApp(t, liveView("Sonam"))
		f.err = why
		a := ask(t, app, "POST", "/set/", "name=Robin&back=/")
		if got := sentMessages(t, a); a.StatusCode < 400 || got != "" {
			t.Errorf("POST /set/ with %v = %d, messages %q; want an error and none", why, a.StatusCode, got)
		}
	}
}

// Where no other page comes, the notice is on the page itself.
func TestNotices_OnThePageItself(t *testing.T) {
	app, _ := newApp(t, session.View{})
	a := ask(t, app, "POST", "/set/", "name=Robin&was=live")
	a.Has(`<p class="message info" role="status">Your earlier session had ended. This is a new one.</p>`)
	if got := cookies(a); !slices.Equal(got, []string{made}) {
		t.Errorf("Set-Cookie = %q; want the session's alone", got)
	}
}

// A notice is shown once, on the next page that the visitor sees, and on no other.
func TestNotices_ShownOnce(t *testing.T) {
	const text = "Your session was deleted."
	cookie := sealed(t, page.Flash{Level: page.Success, Key: noticeDeleted})
	live, none := liveView("Sonam"), session.View{}
	for _, tt := range []struct {
		view           session.View
		method, target string
		header         string
		shown          bool
	}{
		{live, "GET", "/", "", true}, {none, "GET", "/", "", true}, {endedView(record.Idle), "GET", "/", "", true},
		{live, "GET", "/get/", "", true}, {none, "GET", "/get/", "", true}, {endedView(record.Idle), "GET", "/get/", "", true},
		{live, "GET", "/set/", "", true}, {live, "POST", "/set/", "", true}, {live, "GET", "/del/", "", true},
		{live, "GET", "/set/?name=", "", true}, {live, "GET", "/del/", "Sec-Fetch-Site: cross-site", true},
		{live, "HEAD", "/", "", false}, {live, "HEAD", "/get/", "", false}, {live, "HEAD", "/del/", "", false},
		{live, "GET", "/", "Sec-Purpose: prefetch", false}, {live, "GET", "/get/", "Sec-Purpose: prefetch", false},
		{live, "GET", "/", "Sec-Fetch-Dest: empty", false}, {live, "GET", "/", "Sec-Fetch-Dest: document", true},
		{live, "GET", "/session/", "", false}, {live, "POST", "/session/refresh/", "", false},
		{live, "GET", "/nope", "", false}, {live, "GET", "/get", "", false}, {live, "GET", "/static/style.css", "", false},
		{live, "GET", "/livez", "", false},
	} {
		app, _ := newApp(t, tt.view)
		headers := []string{cookie}
		if tt.header != "" {
			headers = append(headers, tt.header)
		}
		a := ask(t, app, tt.method, tt.target, "", headers...)
		deletes := slices.Contains(cookies(a), forgotten)
		if shown := strings.Contains(a.Text, text); shown != tt.shown || deletes != tt.shown {
			t.Errorf("%s %s %s shows it: %v, deletes it: %v; want %v", tt.method, tt.target, tt.header, shown, deletes, tt.shown)
		}
		if len(cookies(a)) > 0 && tt.shown && cookies(a)[len(cookies(a))-1] != forgotten {
			t.Errorf("%s %s: the session's cookie does not come first: %q", tt.method, tt.target, cookies(a))
		}
		a.Lacks(noticeDeleted)
	}
}

// With a bad cookie the page is as without one. It deletes only what the server has signed.
func TestNotices_BadCookie(t *testing.T) {
	good := sealed(t, page.Flash{Level: page.Success, Key: noticeDeleted})
	var old string
	synctest.Test(t, func(t *testing.T) { old = sealed(t, page.Flash{Key: noticeDeleted}) }) // in the year 2000
	app, _ := newApp(t, liveView("Sonam"))
	want := ask(t, app, "GET", "/get/", "").Text
	for what, cookie := range map[string]string{
		"empty":               "Cookie: messages=",
		"nonsense":            "Cookie: messages=<script>alert(1)</script>",
		"cut":                 good[:len(good)-1],
		"cut in front":        "Cookie: messages=" + strings.TrimPrefix(good, "Cookie: messages=")[1:],
		"longer":              good + "A",
		"oversize":            "Cookie: messages=" + strings.Repeat("A", 3000),
		"two":                 good + "; " + strings.TrimPrefix(sealed(t, page.Flash{Key: noticeAnew}), "Cookie: "),
		"old":                 old,
		"SIGNED unknown text": sealed(t, page.Flash{Level: page.Success, Key: "notice.of-another-version"}),
		"SIGNED bad argument": sealed(t, page.Flash{Level: page.Success, Key: noticeDeleted, Args: []int64{1}}),
		"SIGNED debug":        sealed(t, page.Flash{Level: page.Debug, Key: noticeDeleted}),
	} {
		a := ask(t, app, "GET", "/get/", "", cookie)
		if a.StatusCode != 200 || a.Text != want {
			t.Errorf("%s: %d, another page than without the cookie:\n%s", what, a.StatusCode, a.Text)
		}
		sends := []string{made}
		if strings.HasPrefix(what, "SIGNED") {
			sends = append(sends, forgotten)
		}
		if got := cookies(a); !slices.Equal(got, sends) {
			t.Errorf("%s: Set-Cookie = %q; want %q", what, got, sends)
		}
	}
	for _, more := range []string{strings.TrimPrefix(good, "Cookie: "), "messages=x"} {
		a := ask(t, app, "GET", "/get/", "", good+"; "+more)
		if a.Has("Your session was deleted."); !slices.Equal(cookies(a), []string{made, forgotten}) {
			t.Errorf("%.20s beside a good cookie: Set-Cookie = %q; want the session's and the deletion", more, cookies(a))
		}
	}
}

// Notices that wait are shown together, the newest when there are too many.
func TestNotices_Gather(t *testing.T) {
	app, _ := newApp(t, liveView("Sonam"))
	cookie := "X: y"
	for range 5 {
		a := ask(t, app, "POST", "/set/", "name=Robin&back=/", cookie)
		cookie = "Cookie: messages=" + sentMessages(t, a)
	}
	a := ask(t, app, "POST", "/del/", "back=/", cookie)
	if got, want := sent(t, a), "success notice.renamed, success notice.renamed, success notice.renamed, success notice.deleted"; got != want {
		t.Errorf("waiting are %q; want %q", got, want)
	}
}

func TestNotices_Levels(t *testing.T) {
	levels := []page.Level{page.Info, page.Success, page.Warning, page.Error}
	var ms []page.Flash
	for _, l := range levels {
		ms = append(ms, page.Flash{Level: l, Key: noticeDeleted})
	}
	app, _ := newApp(t, session.View{})
	a := ask(t, app, "GET", "/", "", sealed(t, ms...))
	a.Has(`class="message info" role="status"`, `class="message success" role="status"`,
		`class="message warning" role="alert"`, `class="message error" role="alert"`)

	app, _ = newApp(t, session.View{}, func(cfg *Config) { cfg.Debug = true })
	a = ask(t, app, "GET", "/", "", sealed(t, page.Flash{Level: page.Debug, Key: noticeDeleted}))
	a.Has(`<p class="message debug" role="status">`)
}

func TestNew_BadFlashKey(t *testing.T) {
	_, err := New(Config{Sessions: &fake{}, FlashKey: []byte("short")})
	if err == nil || !strings.Contains(err.Error(), "5 bytes") {
		t.Errorf("New with a short key = %v; want an error that says so", err)
	}
}
