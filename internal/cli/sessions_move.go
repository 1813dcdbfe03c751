package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"pagesession/internal/config"
	"pagesession/internal/control"
	"pagesession/internal/health"
)

func (p *Program) sessionsMove() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "move --to URL|file",
		Short: "Move visitors' sessions to Redis, or back to the file, without ending any",
		Long: "Move visitors' sessions from the file in the data folder to Redis, or back with --to\n" +
			"file, without ending any. A running server serves visitors meanwhile. Redis's password\n" +
			"is in PAGESESSION_SESSIONS_PASSWORD or the file that PAGESESSION_SESSIONS_PASSWORD_FILE\n" +
			"names.\n\n" +
			"Ctrl-C ends only the command, and the server goes on; run the command again to watch.\n" +
			"Without a running server, the command moves the sessions itself, and Ctrl-C stops that:\n" +
			"it goes on when you run the command again or start the server with --sessions.\n\n" +
			"When all sessions have moved, change the setting --sessions. A start with the old one\n" +
			"is refused. To move back without a running server, name the Redis with --sessions.",
		Args: upTo(0),
	}
	cmd.Flags().String("to", "", "move to this `place`: a URL as --sessions has it, or file")
	p.onSessions(cmd, (*task).moveSessions)
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := useTarget(cmd); err != nil {
			return err
		}
		return run(cmd, args)
	}
	return cmd
}

// useTarget makes the settings those of a server after a move to Redis, so that they are
// checked in the same way.
func useTarget(cmd *cobra.Command) error {
	to := cmd.Flag("to").Value.String()
	switch {
	case to == "":
		return errors.New("missing --to; name a URL of Redis, or file")
	case to == health.FilePlace:
		return nil
	case cmd.Flag("sessions").Changed:
		return errors.New("--sessions and --to are both set; keep --to")
	}
	if server, err := config.ParseSessionServer(to); err != nil {
		return fmt.Errorf("--to %w", err)
	} else if server.Password != "" {
		return errors.New("--to has a password, which other users of this machine can see; write it to PAGESESSION_SESSIONS_PASSWORD")
	}
	return cmd.Flags().Set("sessions", to)
}

// watchEvery is how often the command asks a server how far the move is.
const watchEvery = 300 * time.Millisecond

// moveSessions begins a move and returns when all sessions have moved.
func (t *task) moveSessions() error {
	target, err := t.moveTarget()
	if err != nil {
		return err
	}
	said := ""
	target.Progress = func(st control.MoveState) { t.sayProgress(&said, st) }
	for {
		st, err := control.MoveSessions.Run(t.ctx(), t.data, target)
		if errors.Is(err, control.ErrNotAudited) {
			fmt.Fprintf(t.Stderr, "pagesession: %s\n", oneLine(err.Error()))
		} else if err != nil {
			return err
		}
		if st.Done {
			return t.print(st, func(w io.Writer) { sayMovedSessions(w, st) })
		}
		target.Watch = true
		t.sayProgress(&said, st)
		select {
		case <-time.After(watchEvery):
		case <-t.ctx().Done():
			return fmt.Errorf("the command has ended, and the server continues the move; to watch it, run the command again: %w", context.Canceled)
		}
	}
}

func (t *task) moveTarget() (control.MoveTarget, error) {
	if t.flag("to") == health.FilePlace {
		return control.MoveTarget{To: health.FilePlace}, nil
	}
	s := &t.Sessions
	to := control.MoveTarget{
		To: s.String(), Password: control.Secret(s.Password), SentinelPassword: control.Secret(s.SentinelPassword), RedisWait: t.RedisWait,
	}
	for path, name := range map[*string]string{&to.CA: t.SessionsCA, &to.Cert: t.SessionsCert, &to.Key: t.SessionsKey} {
		if name == "" {
			continue
		}
		whole, err := filepath.Abs(name) // the server may have another folder
		if err != nil {
			return to, err
		}
		*path = whole
	}
	return to, nil
}

// sayProgress writes a line if it says something else than the last one.
func (t *task) sayProgress(said *string, st control.MoveState) {
	line := fmt.Sprintf("%d of about %s moved", st.Moved, count(st.Of, "session"))
	if st.TookMS > 0 && st.Moved > 0 {
		line += fmt.Sprintf(", %d a second", int64(st.Moved)*1000/st.TookMS)
	}
	if st.Paused != "" {
		line = fmt.Sprintf("%d of about %s moved; the move is paused: %s", st.Moved, count(st.Of, "session"), st.Paused)
	}
	if line != *said {
		fmt.Fprintln(t.Stderr, oneLine(line))
	}
	*said = line
}

func sayMovedSessions(w io.Writer, st control.MoveState) {
	if st.From == st.To {
		say(w, "The sessions are in %s already.", harmless(st.To))
		return
	}
	say(w, "%s moved from %s to %s in %s; none ended.", count(st.Moved, "session"), harmless(st.From), harmless(st.To), time.Duration(st.TookMS)*time.Millisecond)
	if st.Server {
		say(w, "The server serves them from there.")
	}
	say(w, "Change the settings now: %s.", harmless(health.NewSetting(st.To)))
}
