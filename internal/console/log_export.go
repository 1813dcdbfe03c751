package console

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/control"
	"pagesession/internal/page"
)

const logExportPath = "/admin/log/export/"

// logExport answers POST /admin/log/export/ with a file of the entries that the address asks
// for, the newest first. It is a POST because it is recorded.
func (s *console) logExport(r *request) error {
	l, err := s.readLogListing(r)
	if err != nil {
		return err
	}
	if len(l.wrong) > 0 {
		return page.Status(fiber.StatusBadRequest)
	}
	l.query.Before, l.query.After = 0, 0
	return operateThen(s, r, control.ExportLog, l.query, func(found control.ExportedLog) error {
		return sendFile(r, exportFile{"pagesession-audit-log", found, func() [][]string { return logLines(found) }})
	})
}

// exportURL is where the entries that the filter finds are exported.
func (l logListing) exportURL() string {
	return logExportPath + strings.TrimPrefix(l.with(), l.path)
}

// logLines are the entries under their headings. The changes are as on pages.
func logLines(found control.ExportedLog) [][]string {
	lines := [][]string{{"id", "at_utc", "actor_id", "actor", "address", "via", "action", "kind", "object_id", "object", "changes", "count"}}
	for _, e := range found.Entries {
		changes := changeLabels(account.Entry{Event: account.Event{Changes: e.Changes}}, e.Fields)
		lines = append(lines, []string{
			number(e.ID), e.At.UTC().Format(time.RFC3339Nano), number(e.ActorID), e.Actor, e.Address, e.Via,
			e.Action, e.Kind, e.ObjectID, e.Object, strings.Join(changes, ", "), number(uint64(e.Count)),
		})
	}
	return lines
}

// number writes a number; "" for 0, which is none.
func number(n uint64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(n, 10)
}
