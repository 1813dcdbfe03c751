package web

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/session"
	"pagesession/storage/record"
)

const urlencoded = "Content-Type: application/x-www-form-urlencoded"

func TestSessionTimeout_Form(t *testing.T) {
	live, idle, none := liveView("Sonam"), endedView(record.Idle), session.View{}
	const multi = "Content-Type: multipart/form-data; boundary=b"
	part := func(value string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"timeout\"\r\n\r\n" + value + "\r\n--b--\r\n"
	}
	tests := []struct {
		view       session.View
		body, kind string
		code       int
		location   string
		granted    time.Duration
		holds      string
	}{
		{live, "timeout=20", urlencoded, 303, "/get/", 20 * time.Second, ""},
		{live, "timeout=60", urlencoded, 303, "/get/", 60 * time.Second, ""},
		{live, "timeout=200&back=/", urlencoded, 303, "/", 200 * time.Second, ""},
		{live, "timeout=200&back=/get/", urlencoded, 303, "/get/", 200 * time.Second, ""},
		{live, "timeout=200&back=//evil.example/", urlencoded, 303, "/get/", 200 * time.Second, ""},
		{live, "timeout=200&back=https%3A%2F%2Fevil.example", urlencoded, 303, "/get/", 200 * time.Second, ""},
		{live, part("60"), multi, 303, "/get/", 60 * time.Second, ""},
		{live, part("61"), multi, 400, "", 0, `name="timeout" value="60"`},
		{live, "torn", multi, 400, "", 0, `name="timeout" value="60"`},
		{live, "timeout=", urlencoded, 400, "", 0, "That time cannot be chosen"},
		{live, "", urlencoded, 400, "", 0, `value="20" aria-current="true">20 seconds<`},
		{live, "timeout=21", urlencoded, 400, "", 0, ">200 seconds<"},
		{live, "timeout=0", urlencoded, 400, "", 0, ""},
		{live, "timeout=-60", urlencoded, 400, "", 0, ""},
		{live, "timeout=60s", urlencoded, 400, "", 0, ""},
		{live, "timeout=060", urlencoded, 400, "", 0, ""},
		{live, "timeout=60000", urlencoded, 400, "", 0, ""},
		{live, "timeout=99999999999999999999999", urlencoded, 400, "", 0, ""},
		{live, "timeout=%3Cscript%3Ealert(1)%3C/script%3E", urlencoded, 400, "", 0, ""},
		{live, "timeout=60", "Content-Type: text/plain", 400, "", 0, ""},
		{idle, "timeout=60", urlencoded, 409, "", 0, "<h1>Your session has Expired...</h1>"},
		{none, "timeout=60", urlencoded, 409, "", 0, "<h1>Your session has Expired...</h1>"}, // was=live
		{none, "timeout=61", urlencoded, 400, "", 0, ""},
	}
	for _, tt := range tests {
		app, f := newApp(t, tt.view)
		a := ask(t, app, "POST", "/session/timeout/?was=live", tt.body, tt.kind)
		if got := a.Header.Get("Location"); a.StatusCode != tt.code || got != tt.location {
			t.Errorf("%q = %d to %q; want %d to %q", tt.body, a.StatusCode, got, tt.code, tt.location)
		}
		if f.idle != tt.granted {
			t.Errorf("%q grants %v; want %v", tt.body, f.idle, tt.granted)
		}
		flashed := sent(t, a)
		if ok := tt.code == 303; (flashed == "success notice.timeout") != ok || slices.Contains(cookies(a), made) != ok || len(cookies(a)) > 0 != ok {
			t.Errorf("%q tells %q, Set-Cookie %q", tt.body, flashed, cookies(a))
		}
		a.Has(tt.holds)
		a.Lacks("<script>alert")
		checkHeaders(t, a)
		checkCaching(t, a, true)
	}
}

// Without that word in the address a visitor without a session reads that they
// have none.
func TestSessionTimeout_FormWithoutASession(t *testing.T) {
	app, _ := newApp(t, session.View{})
	a := ask(t, app, "POST", "/session/timeout/", "timeout=60")
	a.Has("<h1>You have no session</h1>")
	if a.StatusCode != 409 {
		t.Errorf("= %d; want 409", a.StatusCode)
	}
}

func TestSessionTimeout_JSON(t *testing.T) {
	live, idle, none := liveView("Sonam"), endedView(record.Idle), session.View{}
	const allowed = `{"error":"idle_timeout_ms is not one of the allowed ones","allowed_idle_timeout_ms":[20000,60000,200000]}`
	tests := []struct {
		view    session.View
		body    string
		code    int
		granted time.Duration
		answer  string
	}{
		{live, `{"idle_timeout_ms":60000}`, 200, time.Minute,
			`{"state":"live","reason":"","remaining_ms":60000,"idle_timeout_ms":60000,"absolute_remaining_ms":43197000,"name":"Sonam"}`},
		{live, ` {"idle_timeout_ms": 200000, "other": 1} `, 200, 200 * time.Second, ""},
		{live, `{"idle_timeout_ms":60001}`, 400, 0, allowed},
		{live, `{"idle_timeout_ms":60}`, 400, 0, allowed},
		{live, `{"idle_timeout_ms":0}`, 400, 0, allowed},
		{live, `{"idle_timeout_ms":-60000}`, 400, 0, allowed},
		{live, `{"idle_timeout_ms":60000.5}`, 400, 0, allowed},
		{live, `{"idle_timeout_ms":"60000"}`, 400, 0, allowed},
		{live, `{"idle_timeout_ms":null}`, 400, 0, allowed},
		{live, `{"idle_timeout_ms":1e999}`, 400, 0, allowed},
		{live, `{"idle_timeout_ms":60000}x`, 400, 0, allowed},
		{live, `{"idle_timeout_ms":60000`, 400, 0, allowed},
		{live, `{}`, 400, 0, allowed},
		{live, `[60000]`, 400, 0, allowed},
		{live, `60000`, 400, 0, allowed},
		{live, `null`, 400, 0, allowed},
		{live, strings.Repeat("[", 10_000), 400, 0, allowed},
		{live, "timeout=60", 400, 0, allowed},
		{idle, `{"idle_timeout_ms":60000}`, 401, 0, `{"state":"ended","reason":"idle"}`},
		{none, `{"idle_timeout_ms":60000}`, 401, 0, `{"state":"none","reason":""}`},
	}
	for _, tt := range tests {
		for _, kind := range []string{"application/json", "Application/JSON; charset=utf-8"} {
			app, f := newApp(t, tt.view)
			a := ask(t, app, "POST", "/session/timeout/", tt.body, "Content-Type: "+kind)
			if a.StatusCode != tt.code || f.idle != tt.granted || (tt.answer != "" && a.Text != tt.answer) {
				t.Errorf("%.40q = %d, grants %v, %s; want %d, %v, %s", tt.body, a.StatusCode, f.idle, a.Text, tt.code, tt.granted, tt.answer)
			}
			if got := a.Header.Get("Content-Type"); got != mimeJSON {
				t.Errorf("%.40q: Content-Type %q", tt.body, got)
			}
			if want := tt.code == 200; slices.Equal(cookies(a), []string{made}) != want || len(cookies(a)) > 0 != want {
				t.Errorf("%.40q: Set-Cookie %q", tt.body, cookies(a))
			}
			checkHeaders(t, a)
			checkCaching(t, a, tt.code != 400)
		}
	}
}

// A store that cannot write changes nothing, and says so.
func TestSessionTimeout_StoreFails(t *testing.T) {
	for _, kind := range []string{"application/json", "application/x-www-form-urlencoded"} {
		body := map[string]string{"application/json": `{"idle_timeout_ms":60000}`}[kind]
		if body == "" {
			body = "timeout=60"
		}
		for why, code := range map[error]int{session.ErrFull: 503, session.ErrUnavailable: 503} {
			app, f := newApp(t, liveView("Sonam"))
			f.err = fmt.Errorf("secret place: %w", why)
			a := ask(t, app, "POST", "/session/timeout/", body, "Content-Type: "+kind)
			if a.StatusCode != code || cookies(a) != nil {
				t.Errorf("%s, %v = %d, Set-Cookie %q; want %d and none", kind, why, a.StatusCode, cookies(a), code)
			}
			a.Lacks("secret")
		}
	}
}

// The button of the session's own timeout is marked, in the filled page and in
// the rendered one.
func TestSessionTimeout_CurrentOption(t *testing.T) {
	for idle, want := range map[time.Duration]string{
		20 * time.Second: "true false false", 200 * time.Second: "false false true", 33 * time.Second: "false false false",
	} {
		view := liveView("Sonam")
		view.IdleTimeout = idle
		for _, cookie := range []string{"X: y", "Cookie: messages=x"} {
			app, _ := newApp(t, view)
			a := ask(t, app, "GET", "/get/", "", cookie)
			var got []string
			for _, button := range strings.Split(a.Text, ` aria-current="`)[1:] {
				got = append(got, button[:strings.Index(button, `"`)])
			}
			if strings.Join(got, " ") != want {
				t.Errorf("idle timeout %v, %s: aria-current = %q; want %q", idle, cookie, got, want)
			}
		}
	}
}

func TestSessionTimeout_DebugNotice(t *testing.T) {
	app, _ := newApp(t, liveView("Sonam"), func(cfg *Config) { cfg.Debug = true })
	a := ask(t, app, "POST", "/session/timeout/", "timeout=200")
	a = ask(t, app, "GET", "/get/", "", "Cookie: messages="+sentMessages(t, a))
	a.Has(`<p class="message success" role="status">Each visit now extends your session to 200 seconds.</p>`,
		`<p class="message debug" role="status">Debug: the idle timeout was 20 seconds and is 200 seconds.</p>`)
}
