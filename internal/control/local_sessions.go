package control

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"pagesession/internal/account"
	"pagesession/internal/session"
	"pagesession/storage/record"
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
func (q SessionQuery) parse() (record.Query, error) {
	states, known := record.ParseStates(q.State)
	if q.State != "" && !known {
		return record.Query{}, fmt.Errorf("%w: no state %q", ErrRequest, q.State)
	}
	sort, descending := strings.CutPrefix(q.Sort, "-")
	order, known := record.ParseOrder(sort)
	if sort != "" && !known {
		return record.Query{}, fmt.Errorf("%w: no order %q", ErrRequest, q.Sort)
	}
	if q.Limit < 0 || q.Limit > record.MaxLimit || q.Offset < 0 {
		return record.Query{}, fmt.Errorf("%w: limit %d, offset %d", ErrRequest, q.Limit, q.Offset)
	}
	return record.Query{
		States: states, Match: session.Search(q.Search),
		Order: order, Descending: descending, Offset: q.Offset, Limit: q.Limit,
	}, nil
}

func (l Local) Session(_ context.Context, n SessionName) (Session, error) {
	row, err := l.findSession(n, record.LiveOnly)
	if errors.Is(err, ErrNoSession) {
		row, err = l.findSession(n, record.EndedOnly)
	}
	if err != nil {
		return Session{}, err
	}
	return detail(row, l.now()), nil
}

func (l Local) EndSession(_ context.Context, n SessionName) (Session, error) {
	row, err := l.findSession(n, record.LiveOnly)
	if errors.Is(err, ErrNoSession) {
		return Session{}, l.notLive(n)
	}
	if err != nil {
		return Session{}, err
	}
	ended, err := l.Visitors.End(row.Key, record.Revoked)
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
	n, err := l.Visitors.EndAll(record.Revoked)
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
func (l Local) findSession(n SessionName, among record.States) (record.Row, error) {
	if err := n.Check(); err != nil {
		return record.Row{}, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	handle, err := record.ParseHandle(n.Name)
	if err != nil {
		page := l.Visitors.List(record.Query{States: among, Prefix: n.Name, Limit: 2})
		switch page.Total {
		case 0:
			return record.Row{}, noSession(n)
		case 1:
			handle = page.Rows[0].Handle
		default:
			return record.Row{}, fmt.Errorf("%d sessions begin with %s: %w", page.Total, n.Name, ErrAmbiguous)
		}
	}
	row := l.Visitors.Find(handle)
	if row.State != record.Live && (row.State == record.None || among == record.LiveOnly) {
		return record.Row{}, noSession(n)
	}
	return row, nil
}

// notLive says why a session cannot be ended: it has ended, or nobody knows it.
func (l Local) notLive(n SessionName) error {
	if _, err := l.findSession(n, record.EndedOnly); err != nil {
		return err
	}
	return fmt.Errorf("session %s: %w", n.Name, ErrOver)
}

func noSession(n SessionName) error { return fmt.Errorf("session %s: %w", n.Name, ErrNoSession) }
