package console

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/page"
	"pagesession/session"
	"pagesession/storage/record"
)

const ownSessionsPath = "/admin/own-sessions/"

// maxUserSessions is how many console sessions a user may have.
const maxUserSessions = 5

// subjectOf is the subject of a user's console sessions.
func subjectOf(user uint64) string { return strconv.FormatUint(user, 10) }

// sessionsOf returns a user's live console sessions, the youngest first.
func (s *console) sessionsOf(r *request, user uint64) ([]record.Row, error) {
	rows, err := s.Sessions.Policy().OfSubject(r.UserContext(), subjectOf(user))
	slices.SortFunc(rows, func(a, b record.Row) int {
		return cmp.Or(cmp.Compare(a.Age, b.Age), bytes.Compare(a.Handle[:], b.Handle[:]))
	})
	return rows, err
}

// endOperators ends a user's console sessions except that of this request, and
// audits it. It returns how many have ended, also on an error.
func (s *console) endOperators(r *request, user account.User) (int, error) {
	n, err := s.Sessions.Policy().EndSubject(r.UserContext(), subjectOf(user.ID), s.Sessions.Token(r.Ctx))
	if n > 0 {
		s.audit(r, account.Event{
			Action: account.ActionRevoke, Kind: account.KindConsole, ObjectID: subjectOf(user.ID), Object: user.Username, Count: n,
		})
	}
	return n, err
}

// endSessionsOf ends all sessions of users except that of this request. Their
// epoch has changed, so this only clears the lists, and a failure is only logged.
func (s *console) endSessionsOf(r *request, users ...account.User) {
	for _, u := range users {
		if _, err := s.endOperators(r, u); failedToEnd(err) {
			s.Logger.Error("sessions of a changed user could not be ended; they stay in the list, but are refused", slog.Any("error", err))
		}
	}
}

// failedToEnd reports whether sessions may still be live: they have ended when only
// the disk does not know yet.
func failedToEnd(err error) bool { return err != nil && !errors.Is(err, session.ErrNotDurable) }

// keepNewest ends a user's oldest sessions of a kind, so that most are left; it always keeps the
// one of this request. A failure is only logged, because the sign-in is done: the next one tries
// again.
func (s *console) keepNewest(r *request, user uint64, of Sessions, kind func(record.Row) bool, most int) {
	rows, err := s.sessionsOf(r, user)
	current := currentKey(r, of)
	rows = slices.DeleteFunc(rows, func(row record.Row) bool { return row.Key == current || !kind(row) })
	var surplus []record.Key
	for _, row := range rows[min(len(rows), most-1):] {
		surplus = append(surplus, row.Key)
	}
	if len(surplus) > 0 {
		_, err = s.Operators.EndMany(context.Background(), surplus, record.Replaced)
	}
	if failedToEnd(err) {
		s.Logger.Error("oldest sessions of an operator could not be ended; the next sign-in tries again", slog.Any("error", err))
	}
}

// currentKey returns the key of this request's session; the zero Key if there is none, or
// the store cannot tell.
func currentKey(r *request, of Sessions) record.Key {
	t, err := of.Policy().Resolve(r.UserContext(), of.Token(r.Ctx))
	if err != nil {
		return record.Key{}
	}
	k, _ := t.Key()
	return k
}

type mySessionsPage struct {
	frame
	form
	Sessions []mySession
	Walls    bool // some are wall screens
	Others   int
	Most     int // that a user may have, and as many wall screens
}

type mySession struct {
	record.Row
	session.ClientInfo
	Current bool
	Wall    bool // it shows a wall screen, and nothing else
}

// mySessions answers GET /admin/own-sessions/.
func (s *console) mySessions(r *request) error { return s.showMySessions(r, form{}) }

func (s *console) showMySessions(r *request, f form) error {
	rows, err := s.sessionsOf(r, r.user.ID)
	if err != nil {
		return err
	}
	current := currentKey(r, s.Sessions)
	p := &mySessionsPage{frame: s.frame(r, "Your sessions"), form: f, Most: maxUserSessions}
	for _, row := range rows {
		info, _ := session.Describe(row.Value)
		ok, wall, err := true, isWall(row), error(nil)
		if wall {
			ok, err = s.mayHaveWall(r.UserContext(), info.Values)
		} else {
			_, ok, err = s.userOf(r.UserContext(), info.Values)
		}
		if err != nil {
			return err
		}
		if !ok { // the password was changed at the command line
			continue
		}
		p.Walls = p.Walls || wall
		p.Sessions = append(p.Sessions, mySession{row, info.ClientInfo, row.Key == current, wall})
	}
	p.Others = len(p.Sessions) - 1
	return s.render(r, "my_sessions", p)
}

// mySessionsEnd answers POST /admin/own-sessions/end-others/. It asks for the current
// password, so one who uses an open browser of an operator does not end the operator's own
// session.
func (s *console) mySessionsEnd(r *request) error {
	if _, err := s.confirmed(r); err != nil {
		return refuse(r, err, func(f form) error { return s.showMySessions(r, f) })
	}
	n, err := s.endOperators(r, r.user)
	switch {
	case failedToEnd(err) && n == 0:
		return err
	case failedToEnd(err):
		s.flashCount(r, page.Error, "session.partly", "sessions.partly", n)
	case err != nil:
		s.flash(r, page.Warning, "others.later", int64(n))
	default:
		s.flash(r, page.Success, "others.ended", int64(n))
	}
	return r.Redirect(ownSessionsPath, fiber.StatusSeeOther)
}
