package apptest

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// clockPath is the prefix at which an App mounts the routes of <session-clock>.
const clockPath = "/session/"

// clockRoutes checks the routes of <session-clock>.
func (s *suite) clockRoutes() {
	v := &visitor{suite: s}
	const dead = `{"state":"ended","reason":"idle","remaining_ms":0,"idle_timeout_ms":0,"absolute_remaining_ms":0}`
	v.wants("GET", clockPath, 200, strings.Replace(strings.Replace(dead, "ended", "none", 1), "idle", "", 1))
	v.wants("POST", "/start?name=Sonam", 200, "live Sonam")
	s.clock.Advance(5 * time.Second)
	if c := v.wants("GET", clockPath, 200, `{"state":"live","reason":"","remaining_ms":15000,"idle_timeout_ms":20000,"absolute_remaining_ms":43195000}`); c != nil {
		s.Errorf("cookie of the status = %v; want none", c)
	}
	if c := v.wants("POST", clockPath+"refresh/", 204, ""); c == nil || c.MaxAge != 20 {
		s.Errorf("cookie of the extension = %v; want 20 s", c)
	}
	v.wants("GET", clockPath+"refresh/", 405, "")
	res := v.send("GET", clockPath+"other")
	if res.Body.Close(); res.StatusCode != 404 {
		s.Errorf("GET other = %d; want 404", res.StatusCode)
	}
	s.clock.Advance(20 * time.Second)
	id := v.cookie
	v.wants("POST", clockPath+"refresh/", 401, dead)
	if v.cookie != id {
		s.Error("the extension removed the cookie of an ended session; the next page needs it")
	}
	s.clockScript()
}

func (s *suite) clockScript() {
	res := (&visitor{suite: s}).send("GET", clockPath+"clock.js")
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != 200 || !strings.Contains(string(body), "customElements.define('session-clock'") ||
		res.Header.Get("Cache-Control") != "public, max-age=300" || res.Header.Get("Vary") != "Accept-Encoding" || len(res.Cookies()) != 0 {
		s.Errorf("GET clock.js = %d, %v; want the script, for all visitors", res.StatusCode, res.Header)
	}
}

// send sends a request without cookies, and takes the answer as it comes.
func (v *visitor) send(method, path string) *http.Response {
	v.Helper()
	req, err := http.NewRequest(method, v.url+path, nil)
	if err != nil {
		v.Fatal(err)
	}
	res, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		v.Fatal(err)
	}
	return res
}
