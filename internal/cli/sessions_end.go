package cli

import (
	"errors"
	"fmt"

	"pagesession/internal/control"

	"github.com/spf13/cobra"
)

func (p *Program) sessionsEnd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "end session",
		Short: "End a visitor's session",
		Long:  "End a visitor's session. " + naming + "\n" + rebuilds,
		Args:  sessionArg,
	}
	return p.onData(cmd, func(t *task) error {
		s, err := t.ops.EndSession(t.ctx(), control.SessionName{Name: t.args[0]})
		if err != nil {
			return err
		}
		return t.print(s, say("Session %s ended.", s.Fingerprint))
	})
}

func (p *Program) sessionsEndAll() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "end-all",
		Short: "End the sessions of all visitors",
		Long:  "End the sessions of all visitors. Operators stay logged in.\n" + rebuilds,
		Args:  noArgs,
	}
	cmd.Flags().Bool("yes", false, "do not ask")
	return p.onData(cmd, func(t *task) error {
		if !t.yes("yes") {
			if err := t.confirm(); err != nil {
				return err
			}
		}
		n, err := t.ops.EndAllSessions(t.ctx(), control.All{})
		if err != nil {
			return err
		}
		return t.print(n, say("%s ended.", count(n.Count, "session")))
	})
}

// confirmation is what has to be typed: more than a slip of the finger.
const confirmation = "end all"

func (t *task) confirm() error {
	list, err := t.ops.Sessions(t.ctx(), control.SessionQuery{Limit: 1})
	if err != nil {
		return err
	}
	typed, err := t.line(fmt.Sprintf("This ends %s at once. Type %q to go on: ", count(list.Total, "live session"), confirmation))
	switch {
	case errors.Is(err, ErrNoTerminal):
		return fmt.Errorf("%w; use --yes", err)
	case err != nil:
		return err
	case typed != confirmation:
		return ErrCancelled
	}
	return nil
}
