//go:build linux

package promises

import (
	"net"
	"strings"
	"sync"
	"time"
)

// slowAttack keeps connections busy with clients that hardly send and never read.
func slowAttack() Attack {
	return Attack{
		Name: "slow", About: "300 clients that send a byte now and then or never read, beside quick ones; then SIGTERM", Promises: []string{"P8", "P12"},
		CI: 2, Long: 20, Run: runSlow,
	}
}

func runSlow(a *arena) error {
	c := &chain{arena: a}
	err := a.each(func(int) error {
		return c.next(func(s *server) death {
			stop := make(chan struct{})
			var all sync.WaitGroup
			for n := range 300 {
				all.Go(func() { s.crawl(n%2 == 0, stop) })
			}
			c.pause(500 * time.Millisecond)
			crowd := c.crowd(s, 4, usual())
			c.pause(time.Second)
			crowd.leave()
			c.goesOn(s)
			d := c.stop(s)
			close(stop)
			all.Wait()
			return d
		})
	})
	if err != nil {
		return err
	}
	return c.close()
}

// crawl is a client that sends a header forever, or asks for pages and reads none.
func (s *server) crawl(sends bool, stop chan struct{}) {
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(s.URL, "http://"), time.Second)
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write([]byte("GET /get/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: "))
	text := []byte("x")
	if !sends {
		text = []byte("\r\n\r\nGET /get/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
	}
	for {
		select {
		case <-stop:
			return
		case <-time.After(200 * time.Millisecond):
			_ = conn.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
			if _, err := conn.Write(text); err != nil && sends {
				return
			}
		}
	}
}
