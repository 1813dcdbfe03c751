package cli

import (
	"log/slog"
	"os"
	ossignal "os/signal"
	"slices"
	"syscall"
	"time"

	"pagesession/internal/app"
	"pagesession/internal/config"
	"pagesession/internal/systemd"

	"github.com/spf13/cobra"
)

// serve is the command that starts the server: "serve", or the program itself.
func (p *Program) serve(use string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: "Start the server; it stops on SIGINT or SIGTERM, and on a second one at once",
		Args:  upTo(0),
	}
	config.Bind(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hangups := catchHangups()
		hurry, release := catchStops()
		defer release()
		p.queueStderr()
		loaded, err := config.Load(cmd.Flags(), p.Environ, cmd.Name())
		if err != nil {
			return err
		}
		loaded.Shown = loaded.Values()
		log := p.serverLog(loaded.Config)
		warn(log, slices.Concat(loaded.Unknown, loaded.Warnings))
		return failed(p.Serve(cmd.Context(), loaded.Config, log, app.Process{
			Notices: p.Stderr, Hangups: hangups, Hurry: hurry, Systemd: systemd.Take(log), Dropped: p.lines.Dropped,
		}))
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

// sameStop is how long after the first signal others belong to it: timeout(1) sends two at
// once, to the program and to its group, and `go run` passes on one that came to both.
const sameStop = 200 * time.Millisecond

// catchStops returns a channel that is closed at the second signal to stop. It leaves what
// the first one does to the caller of Main; the third one ends the process. release ends
// the waiting.
func catchStops() (hurry <-chan struct{}, release func()) {
	signals, second, released := make(chan os.Signal, 2), make(chan struct{}), make(chan struct{})
	ossignal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		defer ossignal.Stop(signals)
		if secondStop(signals, released) {
			close(second)
		}
	}()
	return second, func() { close(released) }
}

// secondStop waits for the second signal and returns true, or until it is released.
func secondStop(signals <-chan os.Signal, released <-chan struct{}) bool {
	var first time.Time
	for {
		select {
		case <-signals:
		case <-released:
			return false
		}
		if first.IsZero() {
			first = time.Now()
		} else if time.Since(first) >= sameStop {
			return true
		}
	}
}

// queueStderr lets a reader of stderr who stalls or goes away cost log lines only:
// without it the server would wait for that reader, or die of SIGPIPE.
func (p *Program) queueStderr() {
	ossignal.Ignore(syscall.SIGPIPE)
	p.onTerminal = isTerminal(p.Stderr)
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
	warn(p.log(), slices.Concat(loaded.Unknown, loaded.Warnings))
	return loaded, nil
}

// warn logs what a person should correct in their settings.
func warn(log *slog.Logger, lines []string) {
	for _, line := range lines {
		log.Warn(line)
	}
}

// log returns the log of a command, which a person reads: warnings and errors as text.
func (p *Program) log() *slog.Logger { return slog.New(logHandler(p.Stderr, false, slog.LevelWarn)) }
