package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
)

// ask has the server of a data folder do the operation. The error is
// errNoServer if none was asked.
func (o Operation[Q, R]) ask(ctx context.Context, c *Client, q Q) (result R, err error) {
	conn, err := dial(c.Dir)
	if err != nil {
		return result, err
	}
	defer func() { _ = conn.Close() }()
	if file, ok := any(q).(DjangoFile); ok {
		err = file.upload(ctx, conn, o.path, c.Actor, &result)
		return result, err
	}
	body, err := json.Marshal(call[Q]{c.Actor, q})
	if err != nil {
		return result, err
	}
	err = post(ctx, conn, o.path, bytes.NewReader(body), &result)
	return result, err
}

// A call is a request on the socket.
type call[Q any] struct {
	Actor   string `json:"actor"`
	Request Q      `json:"request"`
}

// post sends a body, which is not read before the server asks for it, and reads
// the answer into result.
func post(ctx context.Context, conn net.Conn, path string, body io.Reader, result any) error {
	sent := &watched{Reader: body}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control"+path, io.NopCloser(sent))
	if err != nil {
		return err
	}
	req.Header.Set("Expect", "100-continue")
	answer, err := transport(conn).RoundTrip(req)
	if err != nil {
		return lost(ctx, sent, err)
	}
	defer func() { _ = answer.Body.Close() }()
	content := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer))
	if answer.StatusCode == http.StatusOK {
		if err := content.Decode(result); err != nil {
			return lost(ctx, sent, err)
		}
		return nil
	}
	p := problem{Result: result} // into which JSON decodes
	if err := content.Decode(&p); err != nil {
		return lost(ctx, sent, fmt.Errorf("status %d: %w", answer.StatusCode, err))
	}
	return p.decode()
}

// maxAnswer is far more than the longest answer, a list of 10,000 users.
const maxAnswer = 64 << 20

// transport uses the one connection.
func transport(conn net.Conn) *http.Transport {
	return &http.Transport{
		DialContext:           func(context.Context, string, string) (net.Conn, error) { return conn, nil },
		DisableKeepAlives:     true,
		ExpectContinueTimeout: answerTime, // while the server works for others, see maxConnections
		ResponseHeaderTimeout: answerTime,
	}
}

// lost is the error when a connection ends before its answer.
func lost(ctx context.Context, sent *watched, err error) error {
	switch {
	case sent.failed.Load() != nil:
		return *sent.failed.Load()
	case ctx.Err() != nil && sent.begun.Load():
		return &reworded{"cancelled; see whether it was done", ctx.Err()}
	case ctx.Err() != nil:
		return cancelled(ctx)
	case sent.begun.Load():
		return fmt.Errorf("%w (%w)", ErrInterrupted, err)
	default:
		return errors.Join(errNoServer, err)
	}
}

// cancelled is the error of Ctrl-C before anything was done.
func cancelled(ctx context.Context) error {
	return &reworded{"cancelled; nothing was done", ctx.Err()}
}

// watched is a body that knows whether it was read, and why that failed.
type watched struct {
	io.Reader
	begun  atomic.Bool
	failed atomic.Pointer[error]
}

func (w *watched) Read(p []byte) (int, error) {
	w.begun.Store(true)
	n, err := w.Reader.Read(p)
	if err != nil && err != io.EOF {
		w.failed.Store(&err)
	}
	return n, err
}
