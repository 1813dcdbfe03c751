package console

import (
	"strings"

	"pagesession/storage/record"
)

// A sessionNow is a session as the list's script wants it.
type sessionNow struct {
	State       string `json:"state"`
	Why         string `json:"why,omitempty"` // it ended, in words
	RemainingMS int64  `json:"remaining_ms"`  // 0: it never ends
	UnusedMS    int64  `json:"unused_ms"`
	Refreshes   uint32 `json:"refreshes"`
}

// sessionStates answers GET /admin/sessions/state/?h=<handle>,<handle>: how the
// sessions on a page that is shown stand now.
func (s *console) sessionStates(r *request) error {
	all := map[string]sessionNow{}
	for text := range strings.SplitSeq(r.query("h"), ",") {
		handle, err := record.ParseHandle(text)
		if err != nil || len(all) == rowsOnPage {
			continue
		}
		all[handle.String()] = sessionNowOf(s.Visitors.Find(handle))
	}
	return r.JSON(all)
}

func sessionNowOf(row record.Row) sessionNow {
	now := sessionNow{State: row.State.String()}
	if row.State != record.Live {
		now.Why = whyEnded(row.Reason)
		return now
	}
	now.RemainingMS, now.UnusedMS, now.Refreshes = row.Remaining.Milliseconds(), row.Unused.Milliseconds(), row.Refreshes
	return now
}
