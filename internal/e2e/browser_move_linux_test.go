package e2e

import (
	"testing"

	"pagesession/internal/testkit/redis"
)

// A page whose session moves to Redis counts on, over the move and over the restart with the
// new setting, and hears there that an operator ended the session.
func TestBrowserMove(t *testing.T) {
	t.Parallel()
	url := "redis://" + redis.New(t).Addr
	s := start(t, "--idle-timeout", "55s")
	b := live(t, s)
	eval[bool](b, `window.stayed = true`)
	s.moved(url)
	b.agrees()
	s.stop()
	b.s = startIn(t, s.dir, "--addr", s.addr, "--idle-timeout", "55s", "--sessions", url)
	b.until("the page goes on", `window.stayed && !(`+hiddenName+`) && `+notice+`.hidden`)
	b.agrees()
	b.shows("Pema", "live")
	b.operatorEnds()
	b.until("the page of the end", `document.querySelector('main').innerText.includes('An operator ended your session')`)
	b.forgive("status of 503", "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING")
}
