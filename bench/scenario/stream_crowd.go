package scenario

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"pagesession/bench/load"
)

// A streamCrowd has browsers that each keep a stream open.
type streamCrowd struct {
	addr  string
	beats atomic.Int64 // heartbeats that came
	stops atomic.Bool  // the server is asked to stop, and may leave out an answer's end
	done  sync.WaitGroup

	mu    sync.Mutex // protects the fields below
	conns []net.Conn
	ends  map[string]chan time.Time // by session; gets when the end came
	wrong []error                   // streams that ended otherwise
}

func newStreamCrowd(base string) *streamCrowd {
	return &streamCrowd{addr: strings.TrimPrefix(base, "http://"), ends: make(map[string]chan time.Time)}
}

// streamOpeners is how many streams are opened at once.
const streamOpeners = 64

// open opens a stream for each session.
func (c *streamCrowd) open(ctx context.Context, ids []string) error {
	return load.Share(ctx, len(ids), streamOpeners, func(_, i int) error { return c.openOne(ids[i]) })
}

func (c *streamCrowd) openOne(id string) error {
	conn, err := net.DialTimeout("tcp", c.addr, load.AnswerTimeout)
	if err != nil {
		return fmt.Errorf("open a stream: %w", err)
	}
	heard := make(chan time.Time, 1)
	c.mu.Lock()
	c.conns, c.ends[id] = append(c.conns, conn), heard
	c.mu.Unlock()
	_, err = fmt.Fprintf(conn, "GET /session/stream/ HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nCookie: %s=%s\r\n\r\n", load.CookieName, id)
	if err != nil {
		return fmt.Errorf("open a stream: %w", err)
	}
	in := bufio.NewReaderSize(conn, 1<<10)
	res, err := http.ReadResponse(in, nil)
	if err != nil || res.StatusCode != http.StatusOK {
		return fmt.Errorf("open a stream: answer %v, %w", res, err)
	}
	c.done.Go(func() { c.follow(res, heard) })
	return nil
}

// follow reads a stream to its end.
func (c *streamCrowd) follow(res *http.Response, heard chan time.Time) {
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		switch line := lines.Text(); {
		case line == "event: beat":
			c.beats.Add(1)
		case line == "event: ended":
			heard <- time.Now()
		case line == `data: {"reason":"deleted"}`, line == "data: 1", line == "", strings.HasPrefix(line, "retry: "):
		default:
			c.blame(fmt.Errorf("the line %.60q", line))
		}
	}
	if !c.stops.Load() && lines.Err() != nil {
		c.blame(lines.Err())
	}
}

func (c *streamCrowd) blame(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, err)
}

// mistakes returns how many streams were wrong, and how the first was.
func (c *streamCrowd) mistakes() (n int, first error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.wrong) == 0 {
		return 0, nil
	}
	return len(c.wrong), c.wrong[0]
}

// ended waits until the end of a session was told, and returns when.
func (c *streamCrowd) ended(ctx context.Context, id string) (time.Time, error) {
	c.mu.Lock()
	heard := c.ends[id]
	c.mu.Unlock()
	select {
	case at := <-heard:
		return at, nil
	case <-time.After(load.AnswerTimeout):
		return time.Time{}, fmt.Errorf("an end was not told within %s", load.AnswerTimeout)
	case <-ctx.Done():
		return time.Time{}, context.Cause(ctx)
	}
}

// close closes all connections and waits for their goroutines.
func (c *streamCrowd) close() {
	c.stops.Store(true)
	c.mu.Lock()
	for _, conn := range c.conns {
		_ = conn.Close()
	}
	c.mu.Unlock()
	c.done.Wait()
}
