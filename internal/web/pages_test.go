package web

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pagesession/session"
	"pagesession/storage/record"
)

var update = flag.Bool("update", false, "write the golden pages anew")

// pages asks for every page of the route table in every state, and for those that
// want more, by the name of its golden file.
func pages(t *testing.T, change ...func(*Config)) map[string]string {
	t.Helper()
	all := map[string]string{}
	add := func(name string, view session.View, err error, method, target string, headers ...string) {
		app, f := newApp(t, view, change...)
		f.err = err
		if a := ask(t, app, method, target, "", headers...); strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			all[name] = a.Text
		}
	}
	live, none := liveView("Sonam"), session.View{}
	never := live
	never.Remaining, never.IdleTimeout = 0, 0
	const cross = "Sec-Fetch-Site: cross-site"

	for _, r := range new(site).table() {
		if r.Get == nil || !strings.HasSuffix(r.path, "/") {
			continue
		}
		name := strings.ReplaceAll(strings.Trim(r.path, "/"), "/", "_")
		if name == "" {
			name = "home"
		}
		add(name, live, nil, "GET", r.path)
		add(name+"_none", none, nil, "GET", r.path)
		add(name+"_ended", endedView(record.Idle), nil, "GET", r.path)
	}
	add("set_bad_name", none, nil, "GET", "/set/?name=a%00b")
	add("set_confirm", none, nil, "GET", "/set/?name=Robin", cross)
	add("set_full", none, session.ErrFull, "GET", "/set/")
	add("set_lost", endedView(record.Deleted), session.ErrEnded, "GET", "/set/")
	add("get_no_end", never, nil, "GET", "/get/")
	add("get_ended_unknown", endedView(record.NoReason), nil, "GET", "/get/")
	for _, why := range []record.Reason{record.Absolute, record.Deleted, record.Revoked, record.Replaced} {
		add("get_ended_"+why.String(), endedView(why), nil, "GET", "/get/")
	}
	several := session.View{Cookie: true, Ambiguous: true}
	add("get_several", several, nil, "GET", "/get/")
	add("home_several", several, nil, "GET", "/")
	add("del_several", several, session.ErrAmbiguous, "GET", "/del/")
	add("del_confirm", live, nil, "GET", "/del/", cross)
	add("timeout_wrong", live, nil, "POST", "/session/timeout/")
	add("error_400", none, nil, "GET", "/", "Host: evil.example")
	add("error_403", none, nil, "POST", "/del/", cross)
	add("error_404", none, nil, "GET", "/nope")
	add("error_405", none, nil, "PUT", "/")
	return all
}

var hash = regexp.MustCompile(`(/static/[a-z.]+)-[0-9a-f]{12}\.`)

func TestPages_Golden(t *testing.T) {
	for name, got := range pages(t) {
		got = hash.ReplaceAllString(got, "$1.")
		file := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("%v; go test ./internal/web -update writes it", err)
		}
		if got != string(want) {
			t.Errorf("%s differs from %s; got:\n%s", name, file, got)
		}
	}
}

// A page works under its own policy: nothing inline, nothing from elsewhere.
func TestPages_KeepThePolicy(t *testing.T) {
	for name, page := range pages(t) {
		for _, bad := range []string{" style=", "<style", " on", "javascript:", "http:", "https:", `"//`} {
			if i := strings.Index(page, bad); i >= 0 {
				if bad == " on" && !regexp.MustCompile(`<[^>]* on[a-z]+=`).MatchString(page) {
					continue
				}
				t.Errorf("%s holds %q: ...%s", name, bad, page[i:min(i+60, len(page))])
			}
		}
		if regexp.MustCompile(`<script[^>]*>[^<]`).MatchString(page) {
			t.Errorf("%s holds an inline script", name)
		}
		if strings.Count(page, "<h1>") != 1 || strings.Count(page, "<title>") != 1 || !strings.HasPrefix(page, "<!DOCTYPE html>\n<html lang=\"en\">") {
			t.Errorf("%s is no whole page:\n%s", name, page)
		}
	}
}

// Only visitors who had a session are told that one ended.
func TestPages_NoneIsNotExpired(t *testing.T) {
	all := pages(t)
	for _, name := range []string{"get_none", "home_none"} {
		if strings.Contains(strings.ToLower(all[name]), "expire") {
			t.Errorf("%s speaks of expiry:\n%s", name, all[name])
		}
	}
}

func TestPages_HostileName(t *testing.T) {
	const evil = `"><script>alert(1)</script><b onclick='x'>&{{.}}`
	app, _ := newApp(t, liveView(evil))
	ask(t, app, "GET", "/", "").Has("&lt;script&gt;alert(1)&lt;/script&gt;")
	app, _ = newApp(t, session.View{})
	target := "/set/?name=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
	for _, headers := range [][]string{nil, {"Sec-Fetch-Site: cross-site"}} {
		ask(t, app, "GET", target, "", headers...).Lacks("<script>alert")
		ask(t, app, "GET", target+"%00", "", headers...).Lacks("<script>alert")
	}
}
