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

// ask sends the operation to the server of a data folder. The error is errNoServer if
// no server has read the request.
func (o Operation[Q, R]) ask(ctx context.Context, c *Client, q Q) (result R, err error) {
	conn, err := dial(c.Dir)
	if err != nil {
		return result, err
	}
	defer func() { _ = conn.Close() }()
	if file, ok := any(q).(fileToSend); ok {
		err = upload(ctx, conn, o.path, c.Actor, file, &result)
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

// post sends a request and decodes the answer into result. It reads body only when the
// server asks for it.
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
	p := problem{Result: result} // JSON decodes into result, too
	if err := content.Decode(&p); err != nil {
		return lost(ctx, sent, fmt.Errorf("status %d: %w", answer.StatusCode, err))
	}
	return p.decode()
}

// maxAnswer is far more than the longest answer takes, a list of 10,000 users.
const maxAnswer = 64 << 20

// transport sends its one request over conn.
func transport(conn net.Conn) *http.Transport {
	return &http.Transport{
		DialContext:           func(context.Context, string, string) (net.Conn, error) { return conn, nil },
		DisableKeepAlives:     true,
		ExpectContinueTimeout: answerTime, // the server may be busy with others, see maxConnections
		ResponseHeaderTimeout: answerTime,
	}
}

// lost returns the error for a connection that ended before the answer.
func lost(ctx context.Context, sent *watched, err error) error {
	switch {
	case sent.failed.Load() != nil:
		return *sent.failed.Load()
	case ctx.Err() != nil && sent.begun.Load():
		return halfway(ctx, "server")
	case ctx.Err() != nil:
		return cancelled(ctx)
	case sent.begun.Load():
		return fmt.Errorf("%w (%w)", ErrInterrupted, err)
	default:
		return errors.Join(errNoServer, err)
	}
}

// cancelled returns the error for Ctrl-C before the operation began.
func cancelled(ctx context.Context) error {
	return &reworded{"cancelled; nothing was changed", ctx.Err()}
}

// halfway returns the error for Ctrl-C while the server or the command was working.
func halfway(ctx context.Context, who string) error {
	return &reworded{"cancelled while the " + who + " was working; check whether the operation was done", ctx.Err()}
}

// watched is a body that records whether it was read and why reading failed.
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
