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
	return p.onData(&cobra.Command{
		Use:   "show session",
		Short: "Show a session, with what is stored in it",
		Long:  "Show a session, with what is stored in it. " + naming + "\n" + rebuilds,
		Args:  sessionArg,
	}, func(t *task) error {
		return do(t, control.ShowSession, control.SessionName{Name: t.args[0]}, t.showSession)
	})
}

// naming is what every command that takes a session says of it.
const naming = "A session is named by the digits that\nsessions list shows, or the first of them."

// sessionArg wants the name of one session.
func sessionArg(cmd *cobra.Command, args []string) error {
	if err := oneArg("a session")(cmd, args); err != nil {
		return err
	}
	return control.SessionName{Name: args[0]}.Check()
}

func (t *task) showSession(w io.Writer, s control.Session) {
	rows := [][]string{{"Session", s.Handle}, {"State", state(s)}}
	if s.Living != nil {
		rows = append(rows, [][]string{
			{"Created", t.moment(s.CreatedAt) + ", " + span(s.AgeMS) + " ago"},
			{"Last used", span(s.UnusedMS) + " ago"},
			{"Refreshed", fmt.Sprint(s.Refreshes)},
			{"Ends unused after", never(s.IdleTimeoutMS)},
			{"Ends in any case in", never(s.AbsoluteRemainingMS)},
			{"Address", cmp.Or(s.Address, "-")},
			{"Agent", cmp.Or(s.Agent, "-")},
		}...)
		for _, name := range slices.Sorted(maps.Keys(s.Values)) {
			rows = append(rows, []string{"Value " + name, s.Values[name]})
		}
	}
	table(w, rows)
}

// never is what 0 means for a timeout.
func never(ms int64) string {
	if ms == 0 {
		return "never"
	}
	return span(ms)
}
