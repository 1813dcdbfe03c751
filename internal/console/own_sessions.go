package console

import (
	"iter"
	"log/slog"
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
		info, _ := session.Describe(row.Value)
		if _, ok := s.userOf(info.Values); !ok { // the password was changed at the command line
			continue
		}
		p.Sessions = append(p.Sessions, ownSession{row, info.Origin, row.Key == current})
	}
	p.Others = len(p.Sessions) - 1
	return v.Render("own_sessions", p)
}

// ownSessionsEnd answers POST /admin/own-sessions/end-others/.
func (s *console) ownSessionsEnd(v *visit) error {
	n, err := s.endOthers(v, v.user)
	switch {
	case err != nil && n == 0:
		return err
	case err != nil:
		s.tellCount(v, messages.Error, "session.partly", "sessions.partly", n)
	default:
		s.tell(v, messages.Success, "others.ended", int64(n))
	}
	return v.Redirect("/admin/own-sessions/", fiber.StatusSeeOther)
}

// endOthers ends a user's sessions, all but the one that this visit is in, and
// returns how many have ended. On an error those have ended all the same.
func (s *console) endOthers(v *visit, user account.User) (int, error) {
	return s.end(v, user, s.othersOf(v, user.ID))
}

// end ends these sessions of a user, and notes that.
func (s *console) end(v *visit, user account.User, keys []session.Key) (int, error) {
	n, err := s.Operators.EndMany(keys, session.Revoked)
	if n > 0 {
		s.record(v, account.Record{
			Action: account.ActionRevoke, Kind: account.KindConsole, ObjectID: strconv.FormatUint(user.ID, 10), Object: user.Username, Count: n,
		})
	}
	return n, err
}

// endOf is endOthers, of several in one pass, for sessions that open nothing any
// more, because the user's epoch is another: ending them takes them out of the lists. It failing undoes
// nothing, so nobody is told but the log.
func (s *console) endOf(v *visit, users ...account.User) {
	others := s.others(v)
	for _, u := range users {
		if _, err := s.end(v, u, others[u.ID]); err != nil {
			s.Logger.Error("the sessions of a user are still listed", slog.Any("error", err))
		}
	}
}

// keepNewest ends a user's oldest sessions, so that maxOwnSessions are left, with
// the one that has just begun among them: of those that begin in the same
// millisecond nobody knows which is the youngest. The login is done by then, so
// a failure is only logged: the next login tries again, and sessions end by
// themselves.
func (s *console) keepNewest(v *visit, user uint64) {
	others := s.othersOf(v, user)
	if len(others) < maxOwnSessions {
		return
	}
	if _, err := s.Operators.EndMany(others[maxOwnSessions-1:], session.Replaced); err != nil {
		s.Logger.Error("an operator has more sessions than he may", slog.Any("error", err))
	}
}

// othersOf returns the keys of a user's live sessions, the youngest first, but
// not that of the one that this visit is in.
func (s *console) othersOf(v *visit, user uint64) []session.Key { return s.others(v)[user] }

// others is othersOf of every user.
func (s *console) others(v *visit) map[uint64][]session.Key {
	current, _ := s.Sessions.Key(v.Ctx)
	keys := map[uint64][]session.Key{}
	for row, of := range s.operating() {
		if row.Key != current {
			keys[of] = append(keys[of], row.Key)
		}
	}
	return keys
}

// sessionsOf returns a user's live sessions, the youngest first.
func (s *console) sessionsOf(user uint64) []session.Row {
	var all []session.Row
	for row, of := range s.operating() {
		if of == user {
			all = append(all, row)
		}
	}
	return all
}

// sessionCounts says how many live sessions each user has.
func (s *console) sessionCounts() map[uint64]int {
	counts := map[uint64]int{}
	for _, of := range s.operating() {
		counts[of]++
	}
	return counts
}

// operating goes through all operators' sessions, the youngest first, with the
// user of each.
func (s *console) operating() iter.Seq2[session.Row, uint64] {
	return func(yield func(session.Row, uint64) bool) {
		query := session.Query{Order: session.ByCreated, Descending: true, Limit: pageOfOperators}
		for {
			page := s.Operators.List(query)
			for _, row := range page.Rows {
				info, err := session.Describe(row.Value)
				if user := numbers([]string{info.Values.String(userKey)}); err == nil && len(user) == 1 && !yield(row, user[0]) {
					return
				}
			}
			if query.Offset += len(page.Rows); len(page.Rows) == 0 || query.Offset >= page.Total {
				return
			}
		}
	}
}

// pageOfOperators is the largest page that List gives.
const pageOfOperators = 500
