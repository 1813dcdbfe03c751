package cli

import (
	"io"
	"strings"

	"pagesession/internal/account"
	"pagesession/internal/control"

	"github.com/spf13/cobra"
)

func (p *Program) importDjango() *cobra.Command {
	return p.onData(&cobra.Command{
		Use:   "import-django FILE",
		Short: "Import users and groups from a Django project's db.sqlite3",
		Long: "Import users and groups from a Django project's db.sqlite3, with their passwords\n" +
			"and permissions. Users and groups that already exist are skipped.",
		Args: oneArg("file"),
	}, func(t *task) error {
		return do(t, control.ImportDjango, control.DjangoFile{Path: t.args[0]}, printReport)
	})
}

func printReport(w io.Writer, r account.DjangoReport) {
	say(w, "%s", added(r.Users, "user"))
	say(w, "%s", added(r.Groups, "group"))
	if len(r.Skipped) == 0 {
		return
	}
	say(w, "%d skipped:", len(r.Skipped))
	var rows [][]string
	for _, s := range r.Skipped {
		rows = append(rows, []string{"  " + string(s.Kind), s.Name, s.Reason})
	}
	table(w, rows)
}

func added(names []string, what string) string {
	if len(names) == 0 {
		return count(0, what) + " added."
	}
	return count(len(names), what) + " added: " + harmless(strings.Join(names, ", ")) + "."
}
