package console

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/account"
	"pagesession/internal/monitor"
	"pagesession/internal/servers"
	"pagesession/session"
	"pagesession/storage/record"
)

// The addresses of the wall screen: where an operator opens it, and the screen itself.
const (
	wallPath   = "/admin/wall/"
	screenPath = "/admin/wall/screen/"
)

// wallEpochKey is the epoch of a wall screen's session. It has no epochKey, so no other page
// accepts the session, also not of an earlier version (ADR 0064).
const wallEpochKey = "wall"

// WallLife is how long the session of a wall screen lasts, used or not. The idle timeout of its
// policy is the same, so it never ends by idling.
const WallLife = 30 * 24 * time.Hour

// maxWalls is how many wall screens a user may have open: as many as sessions, as “Your sessions”
// says.
const maxWalls = maxUserSessions

type wallPage struct {
	frame
	Most int // wall screens of a user
}

// wall answers GET /admin/wall/.
func (s *console) wall(r *request) error {
	return s.render(r, "wall", &wallPage{s.frame(r, "Wall screen"), maxWalls})
}

// wallOpen answers POST /admin/wall/: it begins the session of a wall screen in this browser, in
// place of one that it had, and signs the operator out of the console if they chose that.
func (s *console) wallOpen(r *request) error {
	if err := s.Walls.End(r.Ctx); failedToEnd(err) && !errors.Is(err, session.ErrAmbiguous) {
		return err
	}
	_, err := s.Walls.Start(r.Ctx, func(sess *fibersession.Session) error {
		sess.Set(userKey, subjectOf(r.user.ID))
		sess.Set(wallEpochKey, strconv.FormatUint(r.user.Epoch, 10))
		return nil
	})
	if err != nil {
		return err
	}
	s.keepNewest(r, r.user.ID, s.Walls, isWall, maxWalls)
	s.audit(r, account.Event{Action: account.ActionAdd, Kind: account.KindWall})
	if r.field("leave") != "" {
		if err := s.Sessions.End(r.Ctx); failedToEnd(err) {
			return err
		}
		s.audit(r, account.Event{Action: account.ActionSignOut, Kind: account.KindUser, ObjectID: subjectOf(r.user.ID), Object: r.user.Username})
	}
	return r.Redirect(screenPath, fiber.StatusSeeOther)
}

// isWall reports whether a console session is that of a wall screen.
func isWall(row record.Row) bool {
	info, err := session.Describe(row.Value)
	return err == nil && info.Values.String(wallEpochKey) != ""
}

type screenPage struct {
	Theme    string
	Tiles    []line
	Problems int    // that the dashboard explains
	Version  string // of the server
}

// screen answers GET /admin/wall/screen/ with numbers only, to a browser with the session of a
// wall screen. It looks at no other session, so it extends none.
func (s *console) screen(r *request) (err error) {
	if r.view, err = s.Walls.Peek(r.Ctx); err != nil {
		return err
	}
	if r.view.Live() {
		switch ok, err := s.mayHaveWall(r.UserContext(), r.view.Values); {
		case err != nil: // they may be permitted: the session stays
			return err
		case ok:
			return s.showScreen(r)
		}
		s.endWall(r)
	}
	return toLoginFor(r, wallPath)
}

// mayHaveWall reports whether the user of a wall screen's session may still see it. After an
// error that is unknown.
func (s *console) mayHaveWall(ctx context.Context, values session.Values) (bool, error) {
	user, ok, err := s.userWith(ctx, values, wallEpochKey)
	return ok && user.Can(account.ViewWall) && !s.mustSetUp(user), err
}

// endWall ends the session of a wall screen whose user may not see it any more. The browser keeps
// the cookie: the script has heard of the end, and the page that it loads says the reason.
func (s *console) endWall(r *request) {
	if key, ok := s.Walls.Token(r.Ctx).Key(); ok {
		if _, err := s.Walls.Policy().Revoke(r.UserContext(), key); failedToEnd(err) {
			s.Logger.Error("session of a wall screen could not be ended; it is refused", slog.Any("error", err))
		}
	}
	r.view = session.View{State: record.Ended, Reason: record.Revoked}
}

func (s *console) showScreen(r *request) error {
	samples, _ := s.Monitor.After(0)
	p := &screenPage{Theme: themeOf(r.Ctx), Tiles: tilesOf(samples), Version: servers.Version()}
	t := s.troubles()
	if p.Problems = len(t.Files); t.Untrusted != "" {
		p.Problems++
	}
	return s.render(r, "wall_screen", p)
}

// tilesOf returns the large figures with a drawing of the last 15 minutes.
func tilesOf(samples []monitor.Sample) (all []line) {
	ordered := monitor.InOrder(samples)
	for i, f := range monitor.Figures {
		if f.Tile {
			path := outline(inColumns(ordered, i, quarter()), highest(ordered, i))
			all = append(all, line{Figure: f, Now: latest(samples, i), Path: path, Class: "c1"})
		}
	}
	return all
}
