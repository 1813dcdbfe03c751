package cli

import (
	"errors"
	"fmt"
	"io"

	"pagesession/internal/control"

	"github.com/spf13/cobra"
)

func (p *Program) sessionsEnd() *cobra.Command {
	return p.onSessions(&cobra.Command{
		Use:   "end SESSION",
		Short: "End a visitor's session",
		Long:  "End a visitor's session. " + naming + "\n" + rebuilds,
		Args:  sessionArg,
	}, func(t *task) error {
		return do(t, control.EndSession, control.SessionName{Name: t.args[0]}, func(w io.Writer, s control.Session) {
			say(w, "Session %s ended.", s.Fingerprint)
			t.sayNotOnDisk(w, s.NotOnDisk)
		})
	})
}

func (p *Program) sessionsEndAll() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "end-all",
		Short: "End the sessions of all visitors",
		Long:  "End the sessions of all visitors. Operators stay signed in.\n" + rebuilds,
		Args:  upTo(0),
	}
	cmd.Flags().Bool("yes", false, "end them without asking")
	return p.onSessions(cmd, func(t *task) error {
		if !t.yes("yes") {
			if err := t.confirm(); err != nil {
				return err
			}
		}
		return t.endAll()
	})
}

// endAll ends all sessions. If only some could be ended, that is an error.
func (t *task) endAll() error {
	n, err := control.EndAllSessions.Run(t.ctx(), t.data, control.All{})
	if err != nil && !errors.Is(err, control.ErrNotAudited) {
		return err
	}
	if n.Rest != "" {
		err = errors.Join(err, fmt.Errorf("the other sessions live on: %s; run the command again", n.Rest))
	}
	return errors.Join(err, t.print(n, func(w io.Writer) {
		say(w, "%s ended.", count(n.Count, "session"))
		t.sayNotOnDisk(w, n.NotOnDisk)
	}))
}

// sayNotOnDisk warns that a crash may undo what was done.
func (t *task) sayNotOnDisk(w io.Writer, later bool) {
	switch {
	case later && !t.Sessions.IsFile():
		say(w, "Fewer of Redis's replicas have this than --redis-wait asks for. If Redis fails over now, sessions that ended may come back.")
	case later:
		say(w, "This is not on disk yet: the session file cannot be written now. The server writes it as soon as it can. If the server crashes before that, sessions that ended may come back.")
	}
}

// confirmation is what the operator has to type; one key would be too easy to press.
const confirmation = "end all"

func (t *task) confirm() error {
	list, err := control.ListSessions.Run(t.ctx(), t.data, control.SessionQuery{Limit: 1})
	if err != nil {
		return err
	}
	live := count(list.Total, "live session")
	if list.ByPosition { // it counts those that timed out in the last minutes, too
		live = "about " + live
	}
	typed, err := t.line(fmt.Sprintf("This ends %s at once. Type %q to confirm: ", live, confirmation))
	switch {
	case errors.Is(err, ErrNoTerminal):
		return fmt.Errorf("%w, or use --yes", err)
	case err != nil:
		return err
	case typed != confirmation:
		return ErrCancelled
	}
	return nil
}

// clearSessions is the command "sessions clear", and "clearsessions" as in Django.
func (p *Program) clearSessions(use string) *cobra.Command {
	return p.onSessions(&cobra.Command{
		Use:   use,
		Short: "Free the space of expired sessions",
		Long: "Free the space of expired sessions. A running server also does this by itself, within\n" +
			"seconds, and so does each start. Expired sessions are refused from the first moment.",
		Args: upTo(0),
	}, func(t *task) error {
		return do(t, control.ClearSessions, control.All{}, func(w io.Writer, n control.Count) {
			say(w, "%s cleared.", count(n.Count, "expired session"))
		})
	})
}
