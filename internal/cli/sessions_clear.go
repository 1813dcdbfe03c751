package cli

import (
	"io"

	"github.com/spf13/cobra"

	"pagesession/internal/control"
)

// clearSessions is the command that clears, under either of its two names.
func (p *Program) clearSessions(use string) *cobra.Command {
	return p.onData(&cobra.Command{
		Use:   use,
		Short: "Free the space of expired sessions",
		Long: "Free the space of expired sessions. Nobody has to: they are refused at once, and\n" +
			"their space is freed within seconds by a running server and at every start.",
		Args: noArgs,
	}, func(t *task) error {
		return do(t, control.ClearSessions, control.All{}, func(w io.Writer, n control.Count) {
			say(w, "%s cleared.", count(n.Count, "expired session"))
		})
	})
}
