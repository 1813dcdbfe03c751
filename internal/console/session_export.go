package console

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/control"
	"pagesession/internal/page"
)

const exportPath = "/admin/sessions/export/"

// sessionsExport answers POST /admin/sessions/export/ with a file of the list that the address
// asks for, from its first page on. It is a POST because it is recorded.
func (s *console) sessionsExport(r *request) error {
	l := readSessionListing(r, s.Visitors.ByPosition())
	l.place = place{}
	if wrongSearch(l.search) != "" {
		return page.Status(fiber.StatusBadRequest)
	}
	return operateThen(s, r, control.ExportSessions, control.SessionExport{Queries: l.tries(), Filter: l.audited}, func(found control.ExportedSessions) error {
		return sendFile(r, exportFile{"pagesession-sessions", found, func() [][]string { return sessionLines(found) }})
	})
}

// exportURL is where the list is exported.
func (l *sessionListing) exportURL() string {
	return exportPath + strings.TrimPrefix(l.with(), l.path)
}

// sessionLines are the sessions under their headings.
func sessionLines(found control.ExportedSessions) [][]string {
	lines := [][]string{{
		"fingerprint", "state", "reason", "name", "address", "agent", "created_at", "age_ms", "unused_ms", "remaining_ms", "refreshes", "ended_ago_ms",
	}}
	for _, s := range found.Sessions {
		lines = append(lines, sessionLine(s))
	}
	return lines
}

// sessionLine is a session in the order of the headings. What does not apply is empty.
func sessionLine(s control.Session) []string {
	line := []string{s.Fingerprint, s.State, s.Reason}
	if s.Living == nil {
		return append(line, "", "", "", "", "", "", "", "", strconv.FormatInt(s.EndedAgoMS, 10))
	}
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	return append(line, s.Name, s.Address, s.Agent, s.CreatedAt.Format(time.RFC3339Nano),
		count(s.AgeMS), count(s.UnusedMS), count(s.RemainingMS), count(int64(s.Refreshes)), "")
}
