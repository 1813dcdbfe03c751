package cli

import (
	"io"
	"log/slog"

	"pagesession/internal/config"

	"github.com/spf13/cobra"
)

// newServe is the command that serves, under either of its two names.
func newServe(use string, environ []string, stderr io.Writer, serve Serve) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: "Serve until SIGTERM or SIGINT; the same as no command",
		Args:  noArgs,
	}
	cmd.Flags().SortFlags = false
	config.Bind(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, warnings, err := config.Load(cmd.Flags(), environ)
		if err != nil {
			return err
		}
		log := slog.New(slog.NewTextHandler(stderr, nil))
		for _, w := range warnings {
			log.Warn(w)
		}
		return failed(serve(cmd.Context(), cfg, log))
	}
	return cmd
}
