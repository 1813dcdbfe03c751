package e2e

import (
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit/nginx"
)

// Two servers are one: pages come from the first, and the stream and the time from the second.
// An extension on the second counts for the open page, and an end on the first is heard
// through the second.
func TestBrowser_TwoServers(t *testing.T) {
	t.Parallel()
	const idle = 20 * time.Second
	v := startSeveral(t, 2, "--idle-timeout", idle.String())
	conf := v.nginx()
	conf.HTTP = strings.Replace(conf.HTTP, "location / {", `location /session/ {
		proxy_pass http://`+v.servers[1].addr+`; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
	}
	location / {`, 1)
	conf.HTTP = strings.Replace(conf.HTTP, "proxy_pass http://pagesession", "proxy_pass http://"+v.servers[0].addr, 1)
	a := open(t, v.through(nginx.Start(t, conf)), 3*time.Minute)
	a.before(hearing)
	a.open("/set/?name=Pema")
	a.open("/get/")
	a.streaming(0)
	begun := time.Now()
	id := a.id()
	time.Sleep(idle * 2 / 3) // of the session's own time
	if status := eval[int](a, `fetch('/session/refresh/', {method: 'POST'}).then((a) => a.status)`); status != 204 {
		t.Errorf("POST /session/refresh/ on the second server = %d; want 204", status)
	}
	time.Sleep(time.Until(begun.Add(idle + 2*time.Second)))
	if h := a.heading(); h != getTitle {
		t.Errorf("%v after it came the page says %q; want %q, since the other server has extended it", time.Since(begun), h, getTitle)
	}
	v.servers[0].state(id, "live", "")
	a.hears(a.operatorEnds(), heardWithin)
	v.servers[1].state(id, "ended", "revoked")
}
