package apptest

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// secureName is the cookie's name in secure requests. For an hour of the clock the plain
// one counts there, too.
const (
	secureName = "__Host-sessionid"
	plainCount = time.Hour
)

// secure sends a request over https, with these cookies, and returns the body and the
// cookie of the response in short: "NAME=ID", "NAME removed", or "".
func (s *suite) secure(method, path, cookies string) (body, set string) {
	s.Helper()
	req, err := http.NewRequest(method, s.url+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("X-Forwarded-Proto", "https")
	req.Header.Set("Cookie", cookies)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	for _, c := range res.Cookies() {
		if set != "" || !c.Secure || c.Path != "/" || !c.HttpOnly {
			s.Errorf("%s %s with %q sets %q; want one cookie, Secure, HttpOnly, Path=/", method, path, cookies, res.Header["Set-Cookie"])
		}
		if set = c.Name + "=" + c.Value; c.MaxAge < 0 {
			set = c.Name + " removed"
		}
	}
	return string(b), set
}

func (s *suite) wantsSecure(method, path, cookies, body, set string) {
	s.Helper()
	if gotBody, gotSet := s.secure(method, path, cookies); gotBody != body || gotSet != set {
		s.Errorf("%s %s over https with %q = %q, cookie %q; want %q, %q", method, path, cookies, gotBody, gotSet, body, set)
	}
}

// names checks which name counts, and which is sent, over https and over plain http.
func (s *suite) names() {
	const dead, foreign = "AAAAAAAAAAAAAAAAAAAAAAAAAA", "k3vd2q0a9p7z1xw8c6bn5m4lj2hgf0ds"
	v := &visitor{suite: s}
	v.wants("POST", "/start?name=Sonam", 200, "live Sonam")
	plain := v.cookie // "sessionid=ID"
	now := strings.Replace(plain, "sessionid", secureName, 1)

	s.wantsSecure("GET", "/", now, "live Sonam", now)
	s.wantsSecure("GET", "/", "sessionid="+dead+"; "+now, "live Sonam", now)
	s.wantsSecure("GET", "/", plain, "live Sonam", now)
	s.wantsSecure("GET", "/peek", plain, "live Sonam", "")
	s.wantsSecure("POST", "/save?name=Sonam", plain, "live Sonam", now)
	s.wantsSecure("GET", "/", "sessionid="+foreign+"; "+plain+"; "+secureName+"="+foreign, "live Sonam", now)
	s.wantsSecure("GET", "/", plain+"; "+secureName+"="+dead, "none ", secureName+" removed")
	s.wantsSecure("GET", "/", "sessionid="+dead, "none ", "sessionid removed")
	s.wantsSecure("GET", "/", "sessionid="+foreign, "none ", "")

	sent := &visitor{s, now}
	if c := sent.wants("GET", "/", 200, "none "); c != nil {
		s.Errorf("over plain http the cookie %s is answered with %v; want it ignored", secureName, c)
	}
	body, set := s.secure("POST", "/start?name=Karma", "")
	if body != "live Karma" || !strings.HasPrefix(set, secureName+"=") {
		s.Errorf("POST /start over https = %q, cookie %q; want the name %s", body, set, secureName)
	}
	s.wantsSecure("GET", "/", strings.Replace(set, secureName, "sessionid", 1)+"; "+plain, "none ", "") // two live ones
	s.wantsSecure("POST", "/end", set, "none ", secureName+" removed")
	s.wantsSecure("POST", "/end", plain, "none ", "sessionid removed")

	s.clock.Advance(plainCount - time.Millisecond)
	v.cookie = ""
	v.wants("POST", "/start?name=Sonam", 200, "live Sonam")
	now = strings.Replace(v.cookie, "sessionid", secureName, 1)
	s.wantsSecure("GET", "/", v.cookie, "live Sonam", now)
	s.clock.Advance(time.Millisecond)
	s.wantsSecure("GET", "/", v.cookie, "none ", "")
	s.wantsSecure("GET", "/", now, "live Sonam", now)
	v.wants("GET", "/", 200, "live Sonam")
}
