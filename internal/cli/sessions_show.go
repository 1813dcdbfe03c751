package cli

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"

	"pagesession/internal/control"

	"github.com/spf13/cobra"
)

func (p *Program) sessionsShow() *cobra.Command {
	return p.onSessions(&cobra.Command{
		Use:   "show SESSION",
		Short: "Show a session and its values",
		Long:  "Show a session and its values. " + naming + "\n" + rebuilds,
		Args:  sessionArg,
	}, func(t *task) error {
		return do(t, control.ShowSession, control.SessionName{Name: t.args[0]}, t.showSession)
	})
}

// naming is in the help of each command that takes a session.
const naming = "SESSION is the fingerprint that\n\"pagesession sessions list\" shows, at least four of its digits, or the handle."

// sessionArg requires exactly one argument, the name of a session.
func sessionArg(cmd *cobra.Command, args []string) error {
	if err := oneArg("session")(cmd, args); err != nil {
		return err
	}
	return control.SessionName{Name: args[0]}.Check()
}

func (t *task) showSession(w io.Writer, s control.Session) {
	rows := [][]string{{"Handle", s.Handle}, {"State", state(s)}}
	if s.Living != nil {
		rows = append(rows, [][]string{
			{"Created", t.moment(s.CreatedAt) + ", " + span(s.AgeMS) + " ago"},
			{"Last used", span(s.UnusedMS) + " ago"},
			{"Refreshed", fmt.Sprint(s.Refreshes)},
			{"Idle timeout", orNone(s.IdleTimeoutMS)},
			{"Absolute timeout", in(s.AbsoluteRemainingMS)},
			{"Address", cmp.Or(s.Address, "-")},
			{"Agent", cmp.Or(s.Agent, "-")},
		}...)
		for _, name := range slices.Sorted(maps.Keys(s.Values)) {
			rows = append(rows, []string{"Value " + name, s.Values[name]})
		}
	}
	if !t.Sessions.IsFile() { // a session server does not count them
		rows = slices.DeleteFunc(rows, func(row []string) bool { return row[0] == "Refreshed" })
	}
	table(w, rows)
}

// orNone writes a timeout; 0 means that there is none.
func orNone(ms int64) string {
	if ms == 0 {
		return "none"
	}
	return span(ms)
}

// in writes the time until a timeout; 0 means that there is none.
func in(ms int64) string {
	if ms == 0 {
		return "none"
	}
	return "in " + span(ms)
}
