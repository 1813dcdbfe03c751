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
		Args:  upTo(0),
	}
	config.Bind(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		loaded, err := p.load(cmd, cmd.Name())
		if err != nil {
			return err
		}
		return failed(p.Serve(cmd.Context(), loaded.Config, p.log(slog.LevelInfo), p.Stderr))
	}
	return cmd
}

// load reads the settings for cmd, with the variables of a command, and logs
// what is only worth a warning.
func (p *Program) load(cmd *cobra.Command, command string) (*config.Loaded, error) {
	loaded, err := config.Load(cmd.Flags(), p.Environ, command)
	if err != nil {
		return nil, err
	}
	p.warn(loaded.Unknown)
	p.warn(loaded.Warnings)
	return loaded, nil
}

func (p *Program) warn(lines []string) {
	for _, line := range lines {
		p.log(slog.LevelWarn).Warn(line)
	}
}

// log writes lines of a level and above to stderr.
func (p *Program) log(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(p.Stderr, &slog.HandlerOptions{Level: level}))
}
