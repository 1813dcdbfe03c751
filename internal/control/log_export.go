package control

import (
	"context"
	"strconv"
	"strings"
	"time"

	"pagesession/internal/account"
)

// ExportLog returns the entries of the audit log that a query finds, the newest first and at
// most MaxExported of them, for the console. Handles of sessions are left out. The audit log has
// the export and its filter before there is data, if there is some. Errors: those of the audit
// log.
var ExportLog = Operation[account.EntryQuery, ExportedLog]{
	permission: account.ViewLogEntry,
	do: func(ctx context.Context, on Stores, by account.Actor, query account.EntryQuery) (ExportedLog, error) {
		found := ExportedLog{At: nowOf(), Entries: []AuditEntry{}}
		if err := on.collectEntries(ctx, query, &found); err != nil || len(found.Entries) == 0 {
			return found, err
		}
		done := account.Event{Action: account.ActionExport, Kind: account.KindLogEntry, Object: filterOf(query), Count: len(found.Entries)}
		return found, on.Accounts.Audit(ctx, by, done)
	},
}

// ExportedLog is the result of ExportLog.
type ExportedLog struct {
	At      time.Time    `json:"at"`
	More    bool         `json:"more"` // the filter finds more than an export has
	Entries []AuditEntry `json:"entries"`
}

// collectEntries adds what a query finds, page after page. A page reads a bounded part of the
// log, so one of a rare entry may have none.
func (on Stores) collectEntries(ctx context.Context, query account.EntryQuery, to *ExportedLog) error {
	for len(to.Entries) < MaxExported {
		query.Limit = min(1000, MaxExported-len(to.Entries))
		page, err := on.Accounts.Entries(ctx, query)
		if err != nil {
			return err
		}
		to.Entries = append(to.Entries, auditEntries(page.Entries)...)
		query.Before, to.More = page.Older, page.Older > 0
		if !to.More {
			return nil
		}
	}
	return nil
}

// filterOf writes a query for the audit log. It names users by their ids, so an erasure of one
// has nothing to look for here.
func filterOf(q account.EntryQuery) string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+" "+value)
		}
	}
	if q.ActorID > 0 {
		add("user", "#"+strconv.FormatUint(q.ActorID, 10))
	}
	if q.Via == account.ViaCommandLine { // of a first run it is an operator's
		add("user", q.Actor)
	}
	add("source", string(q.Via))
	add("action", string(q.Action))
	add("about", strings.TrimSpace(string(q.Kind)+" "+objectIn(q)))
	for _, at := range []struct {
		name string
		time.Time
	}{{"from", q.From}, {"to", q.To}} {
		if !at.IsZero() {
			add(at.name, at.UTC().Format(time.RFC3339))
		}
	}
	return strings.Join(parts, ", ")
}

// objectIn names the object of a query; a visitor's session by its fingerprint.
func objectIn(q account.EntryQuery) string {
	const fingerprint = 8
	switch {
	case q.ObjectID == "":
		return q.Object
	case q.Kind == account.KindSession:
		return q.ObjectID[:min(fingerprint, len(q.ObjectID))]
	default:
		return "#" + q.ObjectID
	}
}
