package console

import (
	"log/slog"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/page"
	"pagesession/session"
	"pagesession/storage/record"
)

// maxUserSessions is how many console sessions a user may have.
const maxUserSessions = 5

// operatorSessions returns every operator's live sessions, the youngest first.
func (s *console) operatorSessions() map[uint64][]record.Row {
	const largestPage = 500 // that List gives
	query := record.Query{Order: record.ByCreated, Descending: true, Limit: largestPage}
	all := map[uint64][]record.Row{}
	for {
		page := s.Operators.List(query)
		for _, row := range page.Rows {
			info, err := session.Describe(row.Value)
			if user := numbers([]string{info.Values.String(userKey)}); err == nil && len(user) == 1 {
				all[user[0]] = append(all[user[0]], row)
			}
		}
		if query.Offset += len(page.Rows); len(page.Rows) == 0 || query.Offset >= page.Total {
			return all
		}
	}
}

// others returns the keys of operatorSessions, without that of this request.
func (s *console) others(r *request) map[uint64][]record.Key {
	current, _ := s.Sessions.Key(r.Ctx)
	keys := map[uint64][]record.Key{}
	for user, rows := range s.operatorSessions() {
		for _, row := range rows {
			if row.Key != current {
				keys[user] = append(keys[user], row.Key)
			}
		}
	}
	return keys
}

// endOperators ends and records a user's sessions; it counts them also on an error.
func (s *console) endOperators(r *request, user account.User, keys []record.Key) (int, error) {
	n, err := s.Operators.EndMany(keys, record.Revoked)
	if n > 0 {
		s.audit(r, account.Event{
			Action: account.ActionRevoke, Kind: account.KindConsole, ObjectID: strconv.FormatUint(user.ID, 10), Object: user.Username, Count: n,
		})
	}
	return n, err
}

// endSessionsOf ends all sessions of users except that of this request. Their
// epoch has changed, so this only clears the lists, and a failure is only logged.
func (s *console) endSessionsOf(r *request, users ...account.User) {
	others := s.others(r)
	for _, u := range users {
		if _, err := s.endOperators(r, u, others[u.ID]); err != nil {
			s.Logger.Error("the sessions of a user are still listed", slog.Any("error", err))
		}
	}
}

// keepNewest ends a user's oldest sessions, so that maxUserSessions are left; it
// always keeps the one of this request. A failure is only logged, because the
// login is done: the next login tries again.
func (s *console) keepNewest(r *request, user uint64) {
	others := s.others(r)[user]
	if len(others) < maxUserSessions {
		return
	}
	if _, err := s.Operators.EndMany(others[maxUserSessions-1:], record.Replaced); err != nil {
		s.Logger.Error("an operator has too many sessions", slog.Any("error", err))
	}
}

type mySessionsPage struct {
	frame
	Sessions []mySession
	Others   int
}

type mySession struct {
	record.Row
	session.ClientInfo
	Current bool
}

// mySessions answers GET /admin/own-sessions/.
func (s *console) mySessions(r *request) error {
	current, _ := s.Sessions.Key(r.Ctx)
	p := &mySessionsPage{frame: s.frame(r, "Your sessions")}
	for _, row := range s.operatorSessions()[r.user.ID] {
		info, _ := session.Describe(row.Value)
		if _, ok := s.userOf(info.Values); !ok { // the password was changed at the command line
			continue
		}
		p.Sessions = append(p.Sessions, mySession{row, info.ClientInfo, row.Key == current})
	}
	p.Others = len(p.Sessions) - 1
	return s.render(r, "my_sessions", p)
}

// mySessionsEnd answers POST /admin/own-sessions/end-others/.
func (s *console) mySessionsEnd(r *request) error {
	n, err := s.endOperators(r, r.user, s.others(r)[r.user.ID])
	switch {
	case err != nil && n == 0:
		return err
	case err != nil:
		s.flashCount(r, page.Error, "session.partly", "sessions.partly", n)
	default:
		s.flash(r, page.Success, "others.ended", int64(n))
	}
	return r.Redirect("/admin/own-sessions/", fiber.StatusSeeOther)
}
