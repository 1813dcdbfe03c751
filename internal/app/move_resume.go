package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"pagesession/internal/health"
	"pagesession/storage"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// markOfFile returns what the session file in the data folder says of a move; zero if it
// cannot be read. Error: storage.ErrInUse, since another process may be moving its sessions.
func (a *app) markOfFile() (record.Move, error) {
	mark, err := storage.ReadMark(a.starting, storage.Config{Database: filepath.Join(a.cfg.DataDir, visitorsFile), Timeout: 100 * time.Millisecond})
	if errors.Is(err, storage.ErrInUse) {
		return record.Move{}, err
	}
	if err != nil {
		a.log.Warn("the session file in the data folder cannot be read, so a move of its sessions would not continue", slog.Any("error", err))
	}
	return mark, nil
}

// resume continues a move between the file and the Redis of --sessions. A command that needs
// sessions leaves that to the server.
func (a *app) resume(mark record.Move) error {
	switch {
	case mark.Place != a.cfg.Sessions.String():
		return withMoveCure(&record.MovedError{Move: mark})
	case a.isCommand:
		return fmt.Errorf("%w; start the server with --sessions %s, which continues the move, or run pagesession sessions move again", &record.MovedError{Move: mark}, mark.Place)
	}
	file, err := a.openFile(true)
	if err != nil {
		return err
	}
	server, err := a.openRedis(true)
	if err != nil {
		return errors.Join(err, closeVisitors(file))
	}
	a.log.Info("continuing a move of sessions that was interrupted")
	from, to := file, server
	if mark.Way == record.MovingFrom {
		from, to = server, file
	}
	a.visitors = newMovable(from, a.log)
	if err := a.visitors.begin(a.starting, to, markOf(from, to), nil); err != nil {
		return errors.Join(err, closeVisitors(to))
	}
	return nil
}

// markOf returns what the target says while sessions move to it. Only a file says something:
// others may use a Redis that has a part of the sessions.
func markOf(from, to visitorStore) record.Move {
	if to.place() != health.FilePlace {
		return record.Move{}
	}
	return record.Move{Way: record.MovingFrom, Place: from.place()}
}

// withMoveCure adds what to do if the sessions have moved, or are moving.
func withMoveCure(err error) error {
	moved := (*record.MovedError)(nil)
	if !errors.As(err, &moved) {
		return err
	}
	switch m := moved.Move; {
	case m.Place == health.FilePlace && m.Way == record.MovedTo:
		return fmt.Errorf("%w; start the server that has them without --sessions; to bring them back, run there: pagesession sessions move --to URL", theFile(moved))
	case m.Place == health.FilePlace:
		return fmt.Errorf("%w; start the server of that data folder with --sessions, which continues the move", theFile(moved))
	case m.Way == record.MovedTo:
		return fmt.Errorf("%w; start with --sessions %s; to bring them back, run: pagesession sessions move --to file", moved, m.Place)
	default:
		return fmt.Errorf("%w; start with --sessions %s, which continues the move", moved, m.Place)
	}
}

// theFile says which file Redis means.
func theFile(moved *record.MovedError) error {
	way := "are moving to"
	if moved.Move.Way == record.MovedTo {
		way = "have moved to"
	}
	return &reworded{"sessions " + way + " the file in the data folder of a server, as Redis says", moved}
}

// reworded is an error in other words.
type reworded struct {
	words string
	is    error
}

func (e *reworded) Error() string { return e.words }
func (e *reworded) Unwrap() error { return e.is }

// closeVisitors closes a store that does not come into use.
func closeVisitors(v visitorStore) error {
	if server, ok := v.(redisVisitors); ok {
		return server.Store.Close()
	}
	return v.side().Close()
}

// errShared is returned when other servers use the Redis whose sessions should move to a file.
var errShared = errors.New("other servers share these sessions")

// notShared returns errShared if servers are announced on a Redis besides the one with an ID.
// A server that starts announces itself before it looks at the mark, and a move writes the mark
// before it looks at the servers: so one of the two sees the other.
func notShared(ctx context.Context, from visitorStore, own string) error {
	server, ok := from.(redisVisitors)
	if !ok {
		return nil
	}
	members, err := server.Members(ctx)
	if err != nil {
		return err
	}
	n := 0
	for _, m := range members {
		if m.ID != own {
			n++
		}
	}
	if n > 0 {
		return fmt.Errorf("%w: %d; stop them first, because only one server can use a file", errShared, n)
	}
	return nil
}

// stillThere returns an error that says what to do if the sessions have begun to move away
// from Redis since this server opened it.
func (a *app) stillThere(ctx context.Context) error {
	at, from := a.visitors.sides()
	server, ok := at.(redisVisitors)
	if !ok || from != nil {
		return nil
	}
	mark, err := server.Mark(ctx)
	if err == nil && mark != (record.Move{}) {
		err = withMoveCure(&record.MovedError{Move: mark})
	}
	return err
}

// movesNoneAway returns an error that says what to do if sessions are moving from a Redis to
// the file of a server: they would take along those that come.
func movesNoneAway(ctx context.Context, to *redis.Store) error {
	mark, err := to.Mark(ctx)
	if err == nil && mark.Way == record.MovingTo {
		err = fmt.Errorf("%w; wait until that is done", theFile(&record.MovedError{Move: mark}))
	}
	return err
}
