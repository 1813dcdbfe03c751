package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pagesession/internal/account"
	"pagesession/internal/session"
)

func (l Local) Sessions(_ context.Context, q SessionQuery) (SessionList, error) {
	query, err := q.parse()
	if err != nil {
		return SessionList{}, err
	}
	page := l.Visitors.List(query)
	list := SessionList{At: page.At.UTC(), Total: page.Total, Offset: q.Offset, Sessions: []Session{}}
	for _, row := range page.Rows {
		list.Sessions = append(list.Sessions, describe(row, page.At))
	}
	return list, nil
}

// parse checks what a command or, over the socket, anybody asked for.
func (q SessionQuery) parse() (session.Query, error) {
	out := session.Query{Search: q.Search, Offset: q.Offset, Limit: q.Limit}
	state := slices.Index(States(), q.State)
	if q.State != "" && state < 0 {
		return out, fmt.Errorf("%w: no state %q", ErrRequest, q.State)
	}
	sort, descending := strings.CutPrefix(q.Sort, "-")
	order := slices.Index(Sorts(), sort)
	if sort != "" && order < 0 {
		return out, fmt.Errorf("%w: no order %q", ErrRequest, q.Sort)
	}
	if q.Limit < 0 || q.Limit > MaxLimit || q.Offset < 0 {
		return out, fmt.Errorf("%w: limit %d, offset %d", ErrRequest, q.Limit, q.Offset)
	}
	out.States, out.Order, out.Descending = session.States(max(state, 0)), session.Order(max(order, 0)), descending
	return out, nil
}

func (l Local) Session(_ context.Context, n SessionName) (Session, error) {
	row, err := l.findSession(n, session.LiveOnly)
	if errors.Is(err, ErrNoSession) {
		row, err = l.findSession(n, session.EndedOnly)
	}
	if err != nil {
		return Session{}, err
	}
	return detail(row, l.now()), nil
}

func (l Local) EndSession(_ context.Context, n SessionName) (Session, error) {
	row, err := l.findSession(n, session.LiveOnly)
	if errors.Is(err, ErrNoSession) {
		return Session{}, l.notLive(n)
	}
	if err != nil {
		return Session{}, err
	}
	ended, err := l.Visitors.End(row.Key, session.Revoked)
	if err != nil {
		return Session{}, err
	}
	if !ended {
		return Session{}, l.notLive(n)
	}
	return describe(row, l.now()), l.record(account.Record{
		Action: account.ActionRevoke, Kind: account.KindSession, ObjectID: row.Handle.String(), Object: row.Handle.Fingerprint(),
	})
}

func (l Local) EndAllSessions(context.Context, All) (Count, error) {
	n, err := l.Visitors.EndAll(session.Revoked)
	if err != nil {
		return Count{}, err
	}
	return Count{n}, l.record(account.Record{Action: account.ActionRevokeAll, Kind: account.KindSession, Count: n})
}

func (l Local) ClearSessions(context.Context, All) (Count, error) {
	n := l.Visitors.Sweep()
	return Count{n}, l.record(account.Record{Action: account.ActionClear, Kind: account.KindSession, Count: n})
}

// record writes the audit entry for what is done already. An error says so.
func (l Local) record(r account.Record) error {
	if err := l.Accounts.Record(l.actor(), r); err != nil {
		return fmt.Errorf("it is done, but the audit log does not say so: %w", err)
	}
	return nil
}

// findSession returns the one session among these that n names, as it is now: a
// list may be a second old.
func (l Local) findSession(n SessionName, among session.States) (session.Row, error) {
	if err := n.Check(); err != nil {
		return session.Row{}, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	handle, whole := session.ParseHandle(strings.ToLower(n.Name))
	if !whole {
		page := l.Visitors.List(session.Query{States: among, Prefix: strings.ToLower(n.Name), Limit: 2})
		switch page.Total {
		case 0:
			return session.Row{}, noSession(n)
		case 1:
			handle = page.Rows[0].Handle
		default:
			return session.Row{}, fmt.Errorf("%d sessions begin with %s: %w", page.Total, n.Name, ErrAmbiguous)
		}
	}
	row := l.Visitors.Find(handle)
	if row.State != session.Live && (row.State == session.None || among == session.LiveOnly) {
		return session.Row{}, noSession(n)
	}
	return row, nil
}

// notLive says why a session cannot be ended: it has ended, or nobody knows it.
func (l Local) notLive(n SessionName) error {
	if _, err := l.findSession(n, session.EndedOnly); err != nil {
		return err
	}
	return fmt.Errorf("session %s: %w", n.Name, ErrOver)
}

func noSession(n SessionName) error { return fmt.Errorf("session %s: %w", n.Name, ErrNoSession) }
