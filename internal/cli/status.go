package cli

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"pagesession/internal/control"
	"pagesession/internal/health"
	"pagesession/internal/servers"

	"github.com/spf13/cobra"
)

func (p *Program) status() *cobra.Command {
	return p.onData(&cobra.Command{
		Use:   "status",
		Short: "Show whether the server can use its files and the accounts",
		Long: "Show whether the running server can write its session files and use the operators'\n" +
			"accounts. If it cannot, the command says what works, what is refused and what you can\n" +
			"do. With sessions in Redis it lists the servers that share them. It exits with 0 then,\n" +
			"too, and with 1 if no server answers.",
		Args: upTo(0),
	}, func(t *task) error {
		return do(t, control.ShowStatus, control.All{}, t.showStatus)
	})
}

func (t *task) showStatus(w io.Writer, st control.Status) {
	rows := [][]string{{"FILE", "STATE", "SINCE"}}
	for _, f := range st.Files {
		rows = append(rows, []string{f.Name, shown(f), t.since(f)})
	}
	table(w, rows)
	t.showServers(w, st.Servers)
	for _, f := range st.Files {
		if !f.OK() {
			say(w, "\n%s is %s: %s\n%s\n%s\n%s", harmless(f.Path), f.State, harmless(f.Cause), f.Works, f.Refused, f.Do)
		}
		if f.Notice != "" {
			say(w, "\n%s", f.Notice)
		}
	}
}

// shown is a state in the table. What is known of backups is a sentence below it.
func shown(f health.File) string {
	if f.OfBackups() {
		return "see below"
	}
	return f.State
}

// showServers writes the servers that share the sessions, and which of them answers.
func (t *task) showServers(w io.Writer, list []servers.Server) {
	if len(list) == 0 {
		return
	}
	rows, this := [][]string{{"SERVER", "VERSION", "STARTED", "REFRESHES/S"}}, ""
	for _, s := range list {
		rows = append(rows, []string{harmless(s.Name), harmless(s.Version), t.moment(s.Since), strconv.FormatFloat(s.Refreshes, 'f', 1, 64)})
		if s.This {
			this = s.Name
		}
	}
	say(w, "")
	table(w, rows)
	say(w, "\nThe states above are those of server %s, which runs on this data folder. Other servers have their own.", harmless(this))
}

// since writes when a state began and how long ago that is; "-" for the normal state.
func (t *task) since(f health.File) string {
	if f.OK() {
		return "-"
	}
	return fmt.Sprintf("%s, %s ago", t.moment(f.Since), span(time.Since(f.Since).Milliseconds()))
}
