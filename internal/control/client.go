package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"pagesession/internal/account"
)

// A Client does operations where they can be done: see the package for how it
// decides. It keeps nothing open between two of them.
type Client struct {
	Dir   string // the data folder
	Actor string // the name of the system's user
	// Files opens the stores that an operation needs. It waits a moment for
	// somebody else who has them open; then its error is ErrInUse.
	Files func(Need) (stores Stores, closeFiles func() error, err error)

	patience time.Duration // 0 is patience, which is right for everybody but a test
}

// Need says what an operation works on.
type Need struct {
	Accounts bool
	Sessions bool
	Create   bool // the data folder, if it is not there
}

var _ Operations = (*Client)(nil)

// patience is how long a Client waits for a server that has the files and does
// not answer. Reading the sessions of a large file takes some seconds.
const patience = 10 * time.Second

func (c *Client) CreateSuperuser(ctx context.Context, n NewSuperuser) (User, error) {
	return either(ctx, c, Need{Accounts: true, Create: true}, Operations.CreateSuperuser, n)
}

func (c *Client) SetPassword(ctx context.Context, n NewPassword) (User, error) {
	return either(ctx, c, Need{Accounts: true}, Operations.SetPassword, n)
}

func (c *Client) User(ctx context.Context, n Username) (User, error) {
	return either(ctx, c, Need{Accounts: true}, Operations.User, n)
}

func (c *Client) Users(ctx context.Context, q UserQuery) (UserList, error) {
	return either(ctx, c, Need{Accounts: true}, Operations.Users, q)
}

func (c *Client) SetActive(ctx context.Context, a Activation) (User, error) {
	return either(ctx, c, Need{Accounts: true}, Operations.SetActive, a)
}

func (c *Client) ImportDjango(ctx context.Context, f DjangoFile) (account.DjangoReport, error) {
	if err := f.check(); err != nil {
		return account.DjangoReport{}, err
	}
	return either(ctx, c, Need{Accounts: true, Create: true}, Operations.ImportDjango, f)
}

func (c *Client) Sessions(ctx context.Context, q SessionQuery) (SessionList, error) {
	return either(ctx, c, Need{Sessions: true}, Operations.Sessions, q)
}

func (c *Client) Session(ctx context.Context, n SessionName) (Session, error) {
	return either(ctx, c, Need{Sessions: true}, Operations.Session, n)
}

func (c *Client) EndSession(ctx context.Context, n SessionName) (Session, error) {
	return either(ctx, c, Need{Accounts: true, Sessions: true}, Operations.EndSession, n)
}

func (c *Client) EndAllSessions(ctx context.Context, all All) (Count, error) {
	return either(ctx, c, Need{Accounts: true, Sessions: true}, Operations.EndAllSessions, all)
}

func (c *Client) ClearSessions(ctx context.Context, all All) (Count, error) {
	return either(ctx, c, Need{Accounts: true, Sessions: true}, Operations.ClearSessions, all)
}

// either does an operation through the server, if there is one, or on the files.
func either[Q, R any](ctx context.Context, c *Client, need Need, operation func(Operations, context.Context, Q) (R, error), q Q) (R, error) {
	for giveUp := time.Now().Add(cmp.Or(c.patience, patience)); ; {
		result, asked := through(ctx, c, operation, q)
		if !errors.Is(asked, errNobody) {
			return result, asked
		}
		result, err := onFiles(ctx, c, need, operation, q)
		switch {
		case !errors.Is(err, ErrInUse):
			return result, err
		case ctx.Err() != nil:
			return result, cancelled(ctx)
		case time.Now().After(giveUp):
			return result, fmt.Errorf("%w, which does not answer on %s", err, SocketPath(c.Dir))
		}
	}
}

// through asks the server. The error is errNobody if it was not asked.
func through[Q, R any](ctx context.Context, c *Client, operation func(Operations, context.Context, Q) (R, error), q Q) (result R, err error) {
	conn, err := dial(c.Dir)
	if err != nil {
		return result, err
	}
	defer func() { _ = conn.Close() }()
	return operation(remote{conn, c.Actor}, ctx, q)
}

// onFiles does it itself.
func onFiles[Q, R any](ctx context.Context, c *Client, need Need, operation func(Operations, context.Context, Q) (R, error), q Q) (result R, err error) {
	stores, closeFiles, err := c.Files(need)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, closeFiles()) }()
	return operation(Local{Stores: stores, Actor: c.Actor}, ctx, q)
}
