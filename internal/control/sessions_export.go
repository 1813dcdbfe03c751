package control

import (
	"context"
	"time"

	"pagesession/internal/account"
	"pagesession/storage/record"
)

// Bounds of an export.
const (
	MaxExported = 10_000  // sessions
	maxTexts    = 8 << 20 // bytes of their names, addresses and browsers, which visitors write
	maxLists    = 40      // pages that are asked for; a search on Redis may find nothing on most
)

// ExportSessions returns the sessions of a list for a file, without handles and values, for the
// console. The audit log has the export, with its filter, before there is data. The first Query
// that finds a session counts. It is read in pages, so while
// sessions begin and end, some of them may be missing; each is there once at most. Errors:
// session.ErrUnavailable, those of the audit log.
var ExportSessions = Operation[SessionExport, ExportedSessions]{
	permission: account.ViewSession,
	do: func(ctx context.Context, on Stores, by account.Actor, q SessionExport) (found ExportedSessions, err error) {
		found.Sessions = []Session{}
		var counts record.Query
		for _, counts = range q.Queries {
			if err := on.collect(ctx, counts, &found); err != nil {
				return ExportedSessions{}, err
			}
			if len(found.Sessions) > 0 {
				break
			}
		}
		if len(found.Sessions) == 0 {
			return found, nil
		}
		done := account.Event{Action: account.ActionExport, Kind: account.KindSession, Count: len(found.Sessions)}.Filtered(q.Filter(counts)...)
		return found, on.Accounts.Audit(ctx, by, done)
	},
}

// A SessionExport is the request of ExportSessions.
type SessionExport struct {
	Queries []record.Query // what the list looks for, the likelier first
	// Filter returns what one of them looks for, for the audit log; nothing for all sessions.
	Filter func(record.Query) []account.Change
}

// ExportedSessions is the result of ExportSessions.
type ExportedSessions struct {
	At       time.Time `json:"at"`
	More     bool      `json:"more"` // the list has more than an export
	Sessions []Session `json:"sessions"`

	texts int // bytes, see maxTexts
}

// collect adds the sessions that a query finds, page after page.
func (on Stores) collect(ctx context.Context, query record.Query, to *ExportedSessions) error {
	seen := map[record.Handle]bool{}
	query.Limit = record.MaxLimit
	for range maxLists {
		page, err := on.Visitors.List(ctx, query)
		if err != nil {
			return err
		}
		to.At = page.At.UTC()
		full, more := to.add(page, seen), false
		query, more = on.after(query, page)
		if to.More = full || more; full || !more {
			return nil
		}
	}
	return nil
}

// after returns the query for the page after this one, and whether there may be one.
func (on Stores) after(query record.Query, page record.Page) (record.Query, bool) {
	if on.Visitors.ByPosition() {
		query.From = page.Next
		return query, page.More
	}
	query.Offset += len(page.Rows)
	return query, len(page.Rows) > 0 && query.Offset < page.Total
}

// add adds the rows of a page that are not seen yet. It returns true if there is no room for
// all of them.
func (e *ExportedSessions) add(page record.Page, seen map[record.Handle]bool) (full bool) {
	for _, row := range page.Rows {
		if seen[row.Handle] {
			continue
		}
		if len(e.Sessions) == MaxExported {
			return true
		}
		seen[row.Handle] = true
		s := describe(row, page.At, false)
		s.Handle = ""
		if s.Living != nil {
			e.texts += len(s.Name) + len(s.Address) + len(s.Agent)
		}
		if e.texts > maxTexts {
			return true
		}
		e.Sessions = append(e.Sessions, s)
	}
	return false
}
