package cli

import (
	"fmt"
	"io"
	"time"

	"pagesession/internal/control"
	"pagesession/internal/health"

	"github.com/spf13/cobra"
)

func (p *Program) status() *cobra.Command {
	return p.onData(&cobra.Command{
		Use:   "status",
		Short: "Show whether the server can use its files and the accounts",
		Long: "Show whether the running server can write its session files and use the operators'\n" +
			"accounts. If it cannot, the command says what works, what is refused and what you can\n" +
			"do. It exits with 0 then, too, and with 1 if no server answers.",
		Args: upTo(0),
	}, func(t *task) error {
		return do(t, control.ShowStatus, control.All{}, t.showStatus)
	})
}

func (t *task) showStatus(w io.Writer, st control.Status) {
	rows := [][]string{{"FILE", "STATE", "SINCE"}}
	for _, f := range st.Files {
		rows = append(rows, []string{f.Name, f.State, t.since(f)})
	}
	table(w, rows)
	for _, f := range st.Files {
		if !f.OK() {
			say(w, "\n%s is %s: %s\n%s\n%s\n%s", harmless(f.Path), f.State, harmless(f.Cause), f.Works, f.Refused, f.Do)
		}
		if f.Notice != "" {
			say(w, "\n%s", f.Notice)
		}
	}
}

// since writes when a state began and how long ago that is; "-" for the normal state.
func (t *task) since(f health.File) string {
	if f.OK() {
		return "-"
	}
	return fmt.Sprintf("%s, %s ago", t.moment(f.Since), span(time.Since(f.Since).Milliseconds()))
}
