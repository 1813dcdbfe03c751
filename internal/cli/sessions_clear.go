package cli

import (
	"pagesession/internal/control"

	"github.com/spf13/cobra"
)

// clearSessions is the command that clears, under either of its two names.
func (p *Program) clearSessions(use string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: "Free the space of expired sessions",
		Long: "Free the space of expired sessions. Nobody has to: they are refused at once, and\n" +
			"their space is freed within seconds by a running server and at every start.",
		Args: noArgs,
	}
	return p.onData(cmd, func(t *task) error {
		n, err := t.ops.ClearSessions(t.ctx(), control.All{})
		if err != nil {
			return err
		}
		return t.print(n, say("%s cleared.", count(n.Count, "expired session")))
	})
}
