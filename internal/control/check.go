package control

import (
	"context"
	"errors"

	"pagesession/internal/account"
	"pagesession/internal/check"
)

// ReadFacts returns what checks look at: of a running server with its settings, else of the
// files and of the settings of the command.
var ReadFacts = Operation[All, check.Facts]{
	path: "/v1/facts", need: Need{Facts: true}, permission: account.ViewSession,
	do: func(ctx context.Context, on Stores, _ account.Actor, _ All) (check.Facts, error) {
		return on.Facts(ctx)
	},
}

// Facts returns what checks look at. With own they are those of the command's settings also if
// a server runs; the server then tells only what the command cannot know.
func (c *Client) Facts(ctx context.Context, own bool) (check.Facts, error) {
	f, err := ReadFacts.Run(ctx, c, All{})
	if err != nil || !own || f.Serving == nil {
		return f, err
	}
	stores, closeFiles, err := c.Files(ctx, Need{Facts: true, Served: true})
	if err != nil {
		return f, err
	}
	mine, err := stores.Facts(ctx)
	mine.Accounts, mine.Serving, mine.Process, mine.Clock = f.Accounts, f.Serving, f.Process, f.Clock
	return mine, errors.Join(err, closeFiles())
}
