package cli

import (
	"log/slog"

	"pagesession/internal/config"

	"github.com/spf13/cobra"
)

// serve is the command that serves, under either of its two names.
func (p *Program) serve(use string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: "Serve until SIGTERM or SIGINT; the same as no command",
		Args:  noArgs,
	}
	cmd.Flags().SortFlags = false
	config.Bind(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, warnings, err := config.Load(cmd.Flags(), p.Environ)
		if err != nil {
			return err
		}
		log := slog.New(slog.NewTextHandler(p.Stderr, nil))
		for _, w := range warnings {
			log.Warn(w)
		}
		return failed(p.Serve(cmd.Context(), cfg, log, p.Stderr))
	}
	return cmd
}
