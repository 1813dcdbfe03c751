package control

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"pagesession/internal/account"
	"pagesession/storage/record"
)

// EndConsoleSessions ends those of these operators' sessions that are live, for the console. An
// actor who is not a superuser ends none of a superuser's: then all stay live, and the error is
// account.ErrForbidden. Other errors: those of EndSessions.
var EndConsoleSessions = Operation[[]record.Handle, EndedConsole]{
	permission: account.DeleteConsole,
	do: func(ctx context.Context, on Stores, by account.Actor, handles []record.Handle) (ended EndedConsole, err error) {
		rows, err := on.Operators.FindMany(ctx, handles)
		if err != nil {
			return EndedConsole{}, err
		}
		may := on.Accounts.MaySuper(ctx, by) // asked once
		var keys []record.Key
		for _, row := range rows {
			if row.State != record.Live {
				continue
			}
			if err := on.count(ctx, row, may, &ended); err != nil {
				return EndedConsole{}, err
			}
			keys = append(keys, row.Key)
		}
		ended.Count, err = on.Operators.EndMany(context.Background(), keys, record.Revoked)
		ended.NotOnDisk, err = notOnDisk(err)
		if ended.Count == 0 {
			return EndedConsole{}, err
		}
		ended.Rest = err
		return ended, nil
	},
	audit: func(ended EndedConsole) []account.Event { return ended.events },
}

// EndedConsole is the result of EndConsoleSessions.
type EndedConsole struct {
	Count     int
	NotOnDisk bool  // see Count
	Rest      error // why the others live on; nil if all have ended

	events []account.Event // one for each operator; too many if the store failed after it had ended some
}

// count adds a session to the entry about its operator. may is nil for a superuser.
func (on Stores) count(ctx context.Context, row record.Row, may error, ended *EndedConsole) error {
	id, _ := strconv.ParseUint(row.Subject, 10, 64) // 0 is no user's
	u, err := on.Accounts.User(ctx, id)
	switch {
	case errors.Is(err, account.ErrNotFound):
		u.Username = "#" + row.Subject
	case err != nil:
		return err
	case u.Superuser && may != nil:
		return fmt.Errorf("%w: only a superuser can end the sessions of a superuser", account.ErrForbidden)
	}
	for i := range ended.events {
		if e := &ended.events[i]; e.ObjectID == row.Subject {
			e.Count++
			return nil
		}
	}
	ended.events = append(ended.events, account.Event{
		Action: account.ActionRevoke, Kind: account.KindConsole, ObjectID: row.Subject, Object: u.Username, Count: 1,
	})
	return nil
}
