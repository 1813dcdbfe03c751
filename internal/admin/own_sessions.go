package admin

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/messages"
	"pagesession/internal/session"
)

type ownSessionsPage struct {
	page
	Sessions []ownSession
	Others   int
}

type ownSession struct {
	session.Row
	session.Origin
	Current bool
}

// ownSessions answers GET /admin/own-sessions/.
func (s *console) ownSessions(v *visit) error {
	current, _ := s.Sessions.Key(v.Ctx)
	p := &ownSessionsPage{page: s.page(v, "Your sessions")}
	for _, row := range s.sessionsOf(v.user.ID) {
		p.Sessions = append(p.Sessions, ownSession{row, session.OriginOf(row.Value), row.Key == current})
	}
	p.Others = len(p.Sessions) - 1
	return v.Render("own_sessions", p)
}

// ownSessionsEnd answers POST /admin/own-sessions/end-others/.
func (s *console) ownSessionsEnd(v *visit) error {
	n, err := s.endOthers(v, v.user.ID)
	if err != nil {
		return err
	}
	s.tell(v, messages.Success, "others.ended", int64(n))
	return v.Redirect("/admin/own-sessions/", fiber.StatusSeeOther)
}

// endOthers ends a user's sessions, all but the one that this visit is in.
func (s *console) endOthers(v *visit, user uint64) (int, error) {
	current, _ := s.Sessions.Key(v.Ctx)
	var keys []session.Key
	for _, row := range s.sessionsOf(user) {
		if row.Key != current {
			keys = append(keys, row.Key)
		}
	}
	n, err := s.Operators.EndMany(keys, session.Revoked)
	if err != nil || n == 0 {
		return n, err
	}
	return n, s.Accounts.Record(v.actor(), account.Record{Action: account.ActionRevoke, Kind: account.KindConsole, Count: n})
}

// keepNewest ends a user's oldest sessions, so that maxOwnSessions are left. The
// one that has just begun is the youngest.
func (s *console) keepNewest(v *visit, user uint64) error {
	all := s.sessionsOf(user)
	if len(all) <= maxOwnSessions {
		return nil
	}
	var keys []session.Key
	for _, row := range all[maxOwnSessions:] {
		keys = append(keys, row.Key)
	}
	_, err := s.Operators.EndMany(keys, session.Replaced)
	return err
}

// sessionsOf returns a user's live sessions, the youngest first.
func (s *console) sessionsOf(user uint64) []session.Row {
	var all []session.Row
	query := session.Query{Order: session.ByCreated, Descending: true, Limit: pageOfOperators}
	for {
		page := s.Operators.List(query)
		for _, row := range page.Rows {
			info, err := session.Describe(row.Value)
			if err == nil && info.Values.String(userKey) == strconv.FormatUint(user, 10) {
				all = append(all, row)
			}
		}
		if query.Offset += len(page.Rows); len(page.Rows) == 0 || query.Offset >= page.Total {
			return all
		}
	}
}

// pageOfOperators is the largest page that List gives.
const pageOfOperators = 500
