package console

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
	"pagesession/internal/session"
	"pagesession/storage/record"
)

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
