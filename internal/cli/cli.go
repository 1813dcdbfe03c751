// Package cli is the command line: it parses, starts what was asked for,
// reports, and says how to exit. What serving means is handed in, so that the
// whole of it runs in a test without a process.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"

	"pagesession/internal/config"

	"github.com/spf13/cobra"
)

// Exit codes. A mistake of the caller's is told apart from a failure, because
// starting again cures only the latter.
const (
	exitOK    = 0
	exitFail  = 1
	exitUsage = 2
)

// Serve runs the server until ctx is done and everything is stopped. An error
// is one line that says what to do.
type Serve func(ctx context.Context, cfg config.Config, log *slog.Logger) error

// Main runs the command line in args, without the program's name, and returns
// the exit code. environ has the form of os.Environ. A bad flag or argument
// gives exactly one line on stderr and 2, a failure one line and 1.
func Main(ctx context.Context, args, environ []string, stdout, stderr io.Writer, serve Serve) int {
	root := newRoot(environ, stdout, stderr, serve)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch failure := (failure{}); {
	case err == nil:
		return exitOK
	case errors.As(err, &failure):
		fmt.Fprintf(stderr, "pagesession: %s\n", oneLine(failure.Error()))
		return exitFail
	default:
		fmt.Fprintf(stderr, "pagesession: %s; see pagesession --help\n", oneLine(plain(err)))
		return exitUsage
	}
}

// failure marks an error of a command at work. Every other error that comes
// out of cobra is the caller's: a flag, an argument, a setting.
type failure struct{ error }

// failed marks err, and leaves none as none.
func failed(err error) error {
	if err == nil {
		return nil
	}
	return failure{err}
}

// Unwrap gives the error that the command returned.
func (f failure) Unwrap() error { return f.error }

// newRoot builds the commands anew for each call: cobra keeps state in them.
func newRoot(environ []string, stdout, stderr io.Writer, serve Serve) *cobra.Command {
	root := newServe("pagesession", environ, stderr, serve)
	root.SetOut(stdout) // first of all: the completion command keeps what it finds
	root.SetErr(stderr)
	root.Short = "A server for sessions that end when nobody uses them"
	root.Long = "pagesession serves pages whose visitors get a session. It lives 20 seconds, and\n" +
		"every look at a page starts them again. Without a command, pagesession serves."
	root.Version = version()
	root.SilenceErrors = true // Main reports, once
	root.SilenceUsage = true
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.SetHelpCommand(newHelp())
	root.AddCommand(newServe("serve", environ, stderr, serve), newVersion())
	strictCompletion(root)
	return root
}

// noArgs refuses arguments with a sentence that fits on the one line.
func noArgs(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("unexpected argument %q", args[0])
}

// plain takes a colon out of the flag library's texts, so that the line has
// one colon, after the program's name.
func plain(err error) string {
	return strings.Replace(err.Error(), "unknown flag: ", "unknown flag ", 1)
}

// oneLine keeps what a caller typed from breaking the line or the terminal,
// and joined errors, which come with a line each, on the one.
func oneLine(s string) string {
	s = strings.ReplaceAll(s, "\n", "; ")
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
}
