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
	"time"
)

// A remote does one operation, by asking the server at the other end of a
// connection. See Operations for what its methods do.
type remote struct {
	conn  net.Conn
	actor string
}

var _ Operations = remote{}

func (r remote) CreateSuperuser(ctx context.Context, n NewSuperuser) (User, error) {
	return ask[User](ctx, r, pathCreateSuperuser, n)
}

func (r remote) SetPassword(ctx context.Context, n NewPassword) (User, error) {
	return ask[User](ctx, r, pathSetPassword, n)
}

func (r remote) User(ctx context.Context, n Username) (User, error) {
	return ask[User](ctx, r, pathUser, n)
}

func (r remote) Users(ctx context.Context, q UserQuery) (UserList, error) {
	return ask[UserList](ctx, r, pathUsers, q)
}

func (r remote) SetActive(ctx context.Context, a Activation) (User, error) {
	return ask[User](ctx, r, pathSetActive, a)
}

func (r remote) Sessions(ctx context.Context, q SessionQuery) (SessionList, error) {
	return ask[SessionList](ctx, r, pathSessions, q)
}

func (r remote) Session(ctx context.Context, n SessionName) (Session, error) {
	return ask[Session](ctx, r, pathSession, n)
}

func (r remote) EndSession(ctx context.Context, n SessionName) (Session, error) {
	return ask[Session](ctx, r, pathEndSession, n)
}

func (r remote) EndAllSessions(ctx context.Context, all All) (Count, error) {
	return ask[Count](ctx, r, pathEndAllSessions, all)
}

func (r remote) ClearSessions(ctx context.Context, all All) (Count, error) {
	return ask[Count](ctx, r, pathClearSessions, all)
}

// ask sends a request and returns the result.
func ask[R any](ctx context.Context, r remote, path string, request any) (result R, err error) {
	body, err := json.Marshal(call[any]{r.actor, request})
	if err != nil {
		return result, err
	}
	err = r.post(ctx, path, bytes.NewReader(body), &result)
	return result, err
}

// post sends a body, which is not read before the server asks for it, and reads
// the answer into result.
func (r remote) post(ctx context.Context, path string, body io.Reader, result any) error {
	sent := &watched{Reader: body}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control"+path, io.NopCloser(sent))
	if err != nil {
		return err
	}
	req.Header.Set("Expect", "100-continue")
	answer, err := r.transport().RoundTrip(req)
	if err != nil {
		return r.lost(ctx, sent, err)
	}
	defer func() { _ = answer.Body.Close() }()
	content := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer))
	if answer.StatusCode == http.StatusOK {
		if err := content.Decode(result); err != nil {
			return r.lost(ctx, sent, err)
		}
		return nil
	}
	var p problem
	if err := content.Decode(&p); err != nil {
		return r.lost(ctx, sent, fmt.Errorf("status %d: %w", answer.StatusCode, err))
	}
	return p.decode()
}

// maxAnswer is far more than the longest answer, a list of 10,000 users.
const maxAnswer = 64 << 20

// transport uses the one connection.
func (r remote) transport() *http.Transport {
	return &http.Transport{
		DialContext:           func(context.Context, string, string) (net.Conn, error) { return r.conn, nil },
		DisableKeepAlives:     true,
		ExpectContinueTimeout: time.Minute, // a server that has all connections in use
		ResponseHeaderTimeout: answerTime,
	}
}

// lost is the error when a connection ends before its answer.
func (r remote) lost(ctx context.Context, sent *watched, err error) error {
	switch {
	case sent.failed.Load() != nil:
		return *sent.failed.Load()
	case ctx.Err() != nil && sent.begun.Load():
		return &told{"cancelled; see whether it was done", ctx.Err()}
	case ctx.Err() != nil:
		return cancelled(ctx)
	case sent.begun.Load():
		return fmt.Errorf("%w (%w)", ErrInterrupted, err)
	default:
		return errors.Join(errNobody, err)
	}
}

// cancelled is the error when somebody pressed Ctrl-C before anything was done.
func cancelled(ctx context.Context) error { return &told{"cancelled; nothing was done", ctx.Err()} }

// watched knows whether anybody began to read it, and why that failed.
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
