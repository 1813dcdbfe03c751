package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit/redis"
	"pagesession/storage"
	"pagesession/storage/record"
)

// A crowd is many visitors of a server, by the ids of their sessions.
type crowd struct {
	live map[string]string // the visitors' names
	gone []string
}

// atOnce runs do for the numbers below n, some of them at once.
func atOnce(n int, do func(i int)) {
	var wait sync.WaitGroup
	var next atomic.Int64
	for range 16 {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wait.Wait()
}

// crowdOf makes sessions, of which one in ten ends.
func crowdOf(s *server, n int) *crowd {
	c, ids := &crowd{live: map[string]string{}}, make([]string, n)
	atOnce(n, func(i int) {
		ids[i] = s.set(named(fmt.Sprint("Pema", i)))
		if i%10 == 0 {
			s.get("/del/", cookie(ids[i]))
		}
	})
	for i, id := range ids {
		if i%10 == 0 {
			c.gone = append(c.gone, id)
		} else {
			c.live[id] = fmt.Sprint("Pema", i)
		}
	}
	return c
}

// refresh fails the test unless each session is there with its name, and none that has ended.
func (c *crowd) refresh(s *server) {
	s.t.Helper()
	ids := make([]string, 0, len(c.live))
	for id := range c.live {
		ids = append(ids, id)
	}
	atOnce(len(ids), func(i int) { s.get("/get/", cookie(ids[i])).Wants(200, c.live[ids[i]]) })
	for _, id := range c.gone {
		if l := s.look(id); l.State == "live" {
			s.t.Errorf("a session that ended is live again")
		}
	}
}

// moved runs the command, and fails the test unless it says that all have moved.
func (s *server) moved(to string, args ...string) {
	s.t.Helper()
	said := runCommand(s.dir, nil, append([]string{"sessions", "move", "--to", to}, args...)...)
	if said.code != 0 || !strings.Contains(said.stdout, " moved from ") || !strings.Contains(said.stdout, "Change the settings now") {
		s.t.Errorf("sessions move --to %s = %+v; want that they have moved", to, said)
	}
}

// Visitors of a serving server keep their sessions while these move to Redis and back, and
// over restarts with the new setting. A start with the old one says which to use.
func TestMove_Served(t *testing.T) {
	t.Parallel()
	url := "redis://" + redis.New(t).Addr
	s := start(t, "--idle-timeout", "5m")
	c := crowdOf(s, 300)
	begun, refreshes := make(chan bool), sync.WaitGroup{}
	refreshes.Go(func() {
		for {
			select {
			case <-begun:
				return
			default:
				c.refresh(s)
			}
		}
	})
	s.moved(url)
	c.refresh(s)
	if said := runCommand(s.dir, nil, "sessions", "list", "--limit", "1"); !strings.Contains(said.stdout, fmt.Sprintf("1 session of about %d", len(c.live))) {
		t.Errorf("sessions list = %+v; want %d in all", said, len(c.live))
	}
	if r := s.get("/readyz?verbose"); !strings.Contains(r.Text, "All sessions have moved here. Change the settings now") || strings.Contains(r.Text, url) {
		t.Errorf("/readyz?verbose = %q; want that the settings have to change, and no address, since anyone may ask", r.Text)
	}
	if said := runCommand(s.dir, nil, "status"); !strings.Contains(said.stdout, "set --sessions "+url) {
		t.Errorf("status = %+v; want the new setting", said)
	}
	close(begun)
	refreshes.Wait()
	s.stop()
	refusedStart(t, s.dir, nil, "sessions have moved to "+url, "start with --sessions "+url, "sessions move --to file")
	s = startIn(t, s.dir, "--idle-timeout", "5m", "--sessions", url)
	c.refresh(s)
	s.moved("file")
	c.refresh(s)
	s.stop()
	refusedStart(t, s.dir, []string{"--sessions", url}, "have moved to the file", "without --sessions")
	s = startIn(t, s.dir, "--idle-timeout", "5m")
	c.refresh(s)
	s.stop()
	s.moved(url) // without a server
	s = startIn(t, s.dir, "--idle-timeout", "5m", "--sessions", url)
	c.refresh(s)
}

// A server that is killed in the midst of a move goes on with it, in both directions, with
// --sessions. Without that it says what to do. No session is lost, and none is live again.
func TestMove_Killed(t *testing.T) {
	t.Parallel()
	url := "redis://" + redis.New(t).Addr
	s := start(t, "--idle-timeout", "5m")
	c := crowdOf(s, 1500)
	c.killedMoving(s, url, url, []string{"--sessions", url})
}

// TestMove_KilledOnTheWayBack is TestMove_Killed from Redis to the file.
func TestMove_KilledOnTheWayBack(t *testing.T) {
	t.Parallel()
	url := "redis://" + redis.New(t).Addr
	s := start(t, "--idle-timeout", "5m", "--sessions", url)
	c := crowdOf(s, 1500)
	c.killedMoving(s, url, "file", nil)
}

// killedMoving kills the server at several moments of a move, and starts it with --sessions
// each time, which goes on with the move. When all have moved it starts with the new setting.
func (c *crowd) killedMoving(s *server, url, to string, setting []string) {
	s.t.Helper()
	move := command("sessions", "move", "--to", to, "--data-dir", s.dir)
	if err := move.Start(); err != nil {
		s.t.Fatal(err)
	}
	for kill := range 5 {
		s.await("the move", func() bool { return strings.Contains(s.out.String(), "sessions are moving") })
		time.Sleep(time.Duration(kill*5) * time.Millisecond) // a moment of the move, whichever
		s.kill()
		if kill == 0 {
			_ = move.Wait() // it fails, unless all have moved
		}
		if !isMoving(s) {
			s.t.Logf("all had moved before kill %d", kill)
			break
		}
		refusedStart(s.t, s.dir, nil, "sessions are moving", url, "start with --sessions "+url)
		s = startIn(s.t, s.dir, "--idle-timeout", "5m", "--sessions", url)
	}
	if isMoving(s) {
		s.await("the end of the move", func() bool { return strings.Contains(s.out.String(), "all sessions have moved") })
		s.stop()
	}
	c.refresh(startIn(s.t, s.dir, append([]string{"--idle-timeout", "5m"}, setting...)...))
}

// isMoving reports whether a server runs, or the file that it left says that sessions move.
func isMoving(s *server) bool {
	s.t.Helper()
	select {
	case <-s.ended:
	default:
		return true
	}
	mark, err := storage.ReadMark(s.t.Context(), storage.Config{Database: filepath.Join(s.dir, "sessions.db")})
	if err != nil {
		s.t.Fatal(err)
	}
	return mark.Way == record.MovingTo || mark.Way == record.MovingFrom
}
