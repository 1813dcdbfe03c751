package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"pagesession/internal/account"
	"pagesession/session"
	"pagesession/storage/record"
)

// ListSessions is the command "sessions list": a page of visitors' sessions. Errors:
// ErrQuery, session.ErrUnavailable.
var ListSessions = Operation[SessionQuery, SessionList]{
	path: "/v1/sessions/list", need: Need{Sessions: true}, permission: account.ViewSession,
	do: func(ctx context.Context, on Stores, _ account.Actor, q SessionQuery) (SessionList, error) {
		query, err := q.parse(on.Visitors.ByPosition())
		if err != nil {
			return SessionList{}, err
		}
		page, err := on.Visitors.List(ctx, query)
		if err != nil {
			return SessionList{}, err
		}
		list := SessionList{
			At: page.At.UTC(), Total: page.Total, Offset: q.Offset, Sessions: []Session{},
			ByPosition: on.Visitors.ByPosition(), Looked: page.Looked,
		}
		if page.More {
			list.Next = page.Next.String()
		}
		for _, row := range page.Rows {
			list.Sessions = append(list.Sessions, describe(row, page.At, false))
		}
		return list, nil
	},
}

// ShowSession is the command "sessions show". It returns one session with its
// values, or a session that ended a short while ago. Errors: ErrNoSession, ErrAmbiguous,
// session.ErrUnavailable.
var ShowSession = Operation[SessionName, Session]{
	path: "/v1/sessions/show", need: Need{Sessions: true}, permission: account.ViewSession,
	do: func(ctx context.Context, on Stores, _ account.Actor, n SessionName) (Session, error) {
		row, err := on.find(ctx, n, record.LiveOnly)
		if errors.Is(err, ErrNoSession) {
			row, err = on.find(ctx, n, record.EndedOnly)
		}
		if err != nil {
			return Session{}, err
		}
		return describe(row, time.Now(), true), nil
	},
}

// EndSession is the command "sessions end". It ends a live session and returns its last
// state. Errors: those of ShowSession, ErrEnded, session.ErrFull,
// session.ErrUnavailable.
var EndSession = Operation[SessionName, Session]{
	path: "/v1/sessions/end", need: Need{Accounts: true, Sessions: true}, permission: account.DeleteSession,
	do: func(ctx context.Context, on Stores, by account.Actor, n SessionName) (Session, error) {
		row, err := on.find(ctx, n, record.LiveOnly)
		ended, later := false, false
		if err == nil {
			ended, err = on.Visitors.End(context.Background(), row.Key, record.Revoked)
			later, err = notOnDisk(err)
		}
		if errors.Is(err, ErrNoSession) || err == nil && !ended {
			err = on.notLive(ctx, n)
		}
		if err != nil {
			return Session{}, err
		}
		on.LastEnded.add(by, row)
		s := describe(row, time.Now(), false)
		s.NotOnDisk = later
		return s, nil
	},
	audit: func(s Session) []account.Event { return []account.Event{revoked(s.Handle, s.Fingerprint)} },
}

// EndSessions ends the live ones of these sessions, for the console. If it ends only some
// of them, EndedSessions.Rest says why. If it can end none, the error is session.ErrFull
// or session.ErrUnavailable.
var EndSessions = Operation[[]record.Handle, EndedSessions]{
	permission: account.DeleteSession,
	do: func(ctx context.Context, on Stores, by account.Actor, handles []record.Handle) (EndedSessions, error) {
		rows, err := on.live(ctx, handles)
		if err != nil {
			return EndedSessions{}, err
		}
		keys := keysOf(rows)
		n, err := on.Visitors.EndMany(context.Background(), keys, record.Revoked)
		later, err := notOnDisk(err)
		if n == 0 {
			return EndedSessions{}, err
		}
		if n < len(rows) {
			rows = slices.DeleteFunc(rows, func(row record.Row) bool { return on.notRevoked(row.Handle) })
		}
		on.LastEnded.add(by, rows...)
		done := EndedSessions{Count: n, NotOnDisk: later, Rest: err}
		for _, row := range rows {
			done.Handles = append(done.Handles, row.Handle)
		}
		return done, nil
	},
	audit: func(ended EndedSessions) (all []account.Event) {
		for _, h := range ended.Handles {
			all = append(all, revoked(h.String(), h.Fingerprint()))
		}
		return all
	},
}

// live returns the rows of those of the handles whose sessions are live.
func (on Stores) live(ctx context.Context, handles []record.Handle) ([]record.Row, error) {
	rows, err := on.Visitors.FindMany(ctx, handles)
	return slices.DeleteFunc(rows, func(row record.Row) bool { return row.State != record.Live }), err
}

func keysOf(rows []record.Row) []record.Key {
	keys := make([]record.Key, len(rows))
	for i, row := range rows {
		keys[i] = row.Key
	}
	return keys
}

// notRevoked reports whether a session is known not to have been ended by an operator. One
// that cannot be asked for counts as ended: the audit log may have an end too many, and
// none too few.
func (on Stores) notRevoked(h record.Handle) bool {
	row, err := on.Visitors.Find(context.Background(), h)
	return err == nil && row.Reason != record.Revoked
}

// EndedSessions is the result of EndSessions.
type EndedSessions struct {
	Count     int
	Handles   []record.Handle // more than Count if the store failed after it had ended some
	NotOnDisk bool            // see Count
	Rest      error           // why the others live on; nil if all have ended
}

// EndAllSessions is the command "sessions end-all". If it ends only some of them, Count.Rest
// says why. Errors, when it can end none: session.ErrFull,
// session.ErrUnavailable.
var EndAllSessions = ofAll("/v1/sessions/end-all", account.ActionRevokeAll, func(v Lister) (Count, error) {
	n, err := v.EndAll(context.Background(), record.Revoked)
	later, err := notOnDisk(err)
	if err != nil && n > 0 { // the audit log has those
		return Count{n, later, err.Error()}, nil
	}
	return Count{n, later, ""}, err
})

// ClearSessions is the command "sessions clear", and "clearsessions" as in Django. It
// frees the space of expired sessions. Errors: session.ErrFull, session.ErrUnavailable
// when the file could not be written.
var ClearSessions = ofAll("/v1/sessions/clear", account.ActionClear, func(v Lister) (Count, error) {
	n, err := v.Sweep(context.Background())
	if err == nil {
		if err = v.Sync(context.Background()); err != nil {
			err = fmt.Errorf("%d expired sessions have left memory, but not the session file: %w", n, err)
		}
	}
	later, err := notOnDisk(err)
	return Count{Count: n, NotOnDisk: later}, err
})

// ofAll returns an operation on all sessions.
func ofAll(path string, action account.Action, do func(Lister) (Count, error)) Operation[All, Count] {
	return Operation[All, Count]{
		path: path, need: Need{Accounts: true, Sessions: true}, permission: account.DeleteSession,
		do: func(_ context.Context, on Stores, _ account.Actor, _ All) (Count, error) {
			return do(on.Visitors)
		},
		audit: func(n Count) []account.Event {
			return []account.Event{{Action: action, Kind: account.KindSession, Count: n.Count}}
		},
	}
}

// notOnDisk reports whether sessions have ended that the disk does not know yet, which
// is no error for an operator. It keeps all other errors.
func notOnDisk(err error) (bool, error) {
	if errors.Is(err, session.ErrNotDurable) {
		return true, nil
	}
	return false, err
}

// revoked returns the audit entry for the end of one session. It has the fingerprint for
// people and the handle, because two of a million sessions may share a fingerprint.
func revoked(handle, fingerprint string) account.Event {
	return account.Event{Action: account.ActionRevoke, Kind: account.KindSession, ObjectID: handle, Object: fingerprint}
}

// find returns the current row of the session among these that n names. It looks the
// session up again after the search, because a list may be a second old.
func (on Stores) find(ctx context.Context, n SessionName, among record.States) (record.Row, error) {
	if err := n.Check(); err != nil {
		return record.Row{}, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	handle, err := record.ParseHandle(n.Name)
	if err != nil {
		if handle, err = on.search(ctx, n, among); err != nil {
			return record.Row{}, err
		}
	}
	row, err := on.Visitors.Find(ctx, handle)
	if err != nil {
		return record.Row{}, err
	}
	if row.State != record.Live && (row.State == record.None || among == record.LiveOnly) {
		return record.Row{}, noSession(n)
	}
	return row, nil
}

// search returns the handle of the only session whose handle begins with a name. A store
// that lists by position knows ended ones by their whole handles only.
func (on Stores) search(ctx context.Context, n SessionName, among record.States) (record.Handle, error) {
	query := record.Query{States: among, Prefix: n.Name, Limit: 2}
	if on.Visitors.ByPosition() && among != record.LiveOnly {
		return record.Handle{}, fmt.Errorf("session %s %w; one that has ended needs all %d digits", n.Name, ErrNoSession, 2*len(record.Handle{}))
	}
	var found []record.Row
	for more := true; more && len(found) < 2; {
		page, err := on.Visitors.List(ctx, query)
		if err != nil {
			return record.Handle{}, err
		}
		found = append(found, page.Rows...)
		more, query.From = page.More, page.Next
	}
	switch len(found) {
	case 0:
		return record.Handle{}, noSession(n)
	case 1:
		return found[0].Handle, nil
	default:
		return record.Handle{}, fmt.Errorf("several sessions begin with %s; %w", n.Name, ErrAmbiguous)
	}
}

// notLive returns why a session cannot be ended: ErrEnded or an error of find.
func (on Stores) notLive(ctx context.Context, n SessionName) error {
	if _, err := on.find(ctx, n, record.EndedOnly); err != nil {
		return err
	}
	return fmt.Errorf("session %s %w", n.Name, ErrEnded)
}

func noSession(n SessionName) error {
	return fmt.Errorf(`session %s %w; "pagesession sessions list" shows all`, n.Name, ErrNoSession)
}
