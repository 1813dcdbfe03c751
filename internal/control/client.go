package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"time"

	"pagesession/internal/account"
)

// A Client runs the operations of commands. The package comment says how it finds the
// data. It keeps no file open between two operations.
type Client struct {
	Dir   string // the data folder
	Actor string // the name of the system user, for the audit log
	// Files opens the stores that an operation needs. If another process has them
	// open, it waits a moment and then returns ErrInUse.
	Files func(context.Context, Need) (stores Stores, closeFiles func() error, err error)

	patience time.Duration // 0 means the constant patience; tests set less
}

// patience is how long a Client waits for a server that has the files open and is
// silent. A server takes some seconds to read a large file.
const patience = 10 * time.Second

// SystemUser returns the name of the user that runs this process, or "uid N".
func SystemUser() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "uid " + strconv.Itoa(os.Getuid())
}

// Run does the operation through the server of the client's data folder or, without a
// server, on the files. Results and errors are the same both ways.
func (o Operation[Q, R]) Run(ctx context.Context, c *Client, q Q) (result R, err error) {
	if o.check != nil {
		if err := o.check(q); err != nil {
			return result, err
		}
	}
	for giveUp := time.Now().Add(cmp.Or(c.patience, patience)); ; {
		if result, err = o.ask(ctx, c, q); !errors.Is(err, errNoServer) {
			return result, err
		}
		result, err = o.onFiles(ctx, c, q)
		switch {
		case !errors.Is(err, ErrInUse):
			return result, err
		case ctx.Err() != nil:
			return result, cancelled(ctx)
		case time.Now().After(giveUp):
			return result, fmt.Errorf("%w, which does not answer on %q; try again, or stop that process", err, socketPath(c.Dir))
		}
	}
}

// onFiles does the operation in this process.
func (o Operation[Q, R]) onFiles(ctx context.Context, c *Client, q Q) (result R, err error) {
	stores, closeFiles, err := c.Files(ctx, o.need)
	switch {
	case stopped(ctx, err):
		return result, cancelled(ctx)
	case err != nil:
		return result, err
	}
	defer func() { err = errors.Join(err, closeFiles()) }()
	if result, err = o.Do(ctx, stores, commandLine(c.Actor), q); stopped(ctx, err) {
		err = halfway(ctx, "command")
	}
	return result, err
}

// stopped reports whether err is Ctrl-C.
func stopped(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}

// commandLine returns the actor of a command, for the audit log.
func commandLine(name string) account.Actor {
	return account.Actor{Name: name, Via: account.ViaCommandLine}
}
