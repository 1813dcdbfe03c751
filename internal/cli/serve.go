package cli

import (
	"log/slog"
	"os"
	ossignal "os/signal"
	"syscall"
	"time"

	"pagesession/internal/config"

	"github.com/spf13/cobra"
)

// serve is the command that starts the server: "serve", or the program itself.
func (p *Program) serve(use string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: "Start the server; it stops on SIGINT or SIGTERM",
		Args:  upTo(0),
	}
	config.Bind(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hangups := catchHangups()
		p.queueStderr()
		loaded, err := p.load(cmd, cmd.Name())
		if err != nil {
			return err
		}
		return failed(p.Serve(cmd.Context(), loaded.Config, p.log(slog.LevelInfo), p.Stderr, hangups))
	}
	return cmd
}

// catchHangups keeps SIGHUP, which a closing terminal and logrotate send, from ending the
// server, and returns the signals. One that waits stands for those that follow it.
func catchHangups() <-chan os.Signal {
	hangups := make(chan os.Signal, 1)
	ossignal.Notify(hangups, syscall.SIGHUP)
	return hangups
}

// queueStderr lets a reader of stderr who stalls or goes away cost log lines only:
// without it the server would wait for that reader, or die of SIGPIPE.
func (p *Program) queueStderr() {
	ossignal.Ignore(syscall.SIGPIPE)
	p.lines = newLineWriter(p.Stderr)
	p.Stderr = p.lines
}

// flushTime is how long the end of the program waits for the reader of stderr.
const flushTime = 300 * time.Millisecond

// flushStderr writes what queueStderr's queue has.
func (p *Program) flushStderr() {
	if p.lines != nil {
		p.lines.flush(flushTime)
		p.lines.stop()
	}
}

// load reads the settings for cmd, including the variables that only command reads, and
// logs the warnings.
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

// log returns a logger that writes lines of this level and above to stderr.
func (p *Program) log(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(p.Stderr, &slog.HandlerOptions{Level: level}))
}
