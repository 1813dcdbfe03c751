// Package cli is the command line: it parses, starts what was asked for, reports,
// and returns the exit code. Serving is handed in, for tests without a process.
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
	"pagesession/internal/control"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Exit codes. Starting again cures failures, not mistakes of the caller's.
const (
	exitOK    = 0
	exitFail  = 1
	exitUsage = 2
)

// Serve runs the server until ctx is done and everything is stopped. What a
// person has to read at once goes to notices. An error is one line that says
// what to do.
type Serve func(ctx context.Context, cfg config.Config, log *slog.Logger, notices io.Writer) error

// Operate returns the way to the data of cfg.DataDir, with or without a server
// that runs on it.
type Operate func(cfg config.Config, log *slog.Logger) *control.Client

// A Program is one call of the program: what it was given, and what it can do.
type Program struct {
	Args    []string // without the program's name
	Environ []string // in the form of os.Environ
	Stdout  io.Writer
	Stderr  io.Writer
	Prompt  Prompter
	Serve   Serve
	Operate Operate
}

// Main runs the command line and returns the exit code. A bad flag or argument
// gives one line on stderr and 2, bad settings a line each and 2, a failure one
// line and 1.
func (p *Program) Main(ctx context.Context) int {
	root := p.root()
	root.SetArgs(p.Args)
	err := root.ExecuteContext(ctx)
	switch failure := (failure{}); {
	case err == nil:
		return exitOK
	case errors.As(err, &failure):
		fmt.Fprintf(p.Stderr, "pagesession: %s\n", oneLine(failure.Error()))
		return exitFail
	default:
		var mistakes config.Mistakes
		if !errors.As(err, &mistakes) {
			mistakes = config.Mistakes{err}
		}
		for _, mistake := range mistakes {
			fmt.Fprintf(p.Stderr, "pagesession: %s; see pagesession --help\n", oneLine(plain(mistake)))
		}
		return exitUsage
	}
}

// failure marks an error of a command at work. Every other error that comes
// out of cobra is the caller's: a flag, an argument, a setting.
type failure struct{ error }

// failed marks err as a failure, unless it is nil or a mistake of the caller's, as
// a missing terminal is.
func failed(err error) error {
	var usage usageError
	if err == nil || errors.As(err, &usage) || errors.Is(err, ErrNoTerminal) {
		return err
	}
	return failure{err}
}

// Unwrap gives the error that the command returned.
func (f failure) Unwrap() error { return f.error }

// root builds the commands anew for each call: cobra keeps state in them.
func (p *Program) root() *cobra.Command {
	root := p.serve("pagesession")
	root.SetOut(p.Stdout) // first of all: the completion command keeps what it finds
	root.SetErr(p.Stderr)
	root.Short = "A server for sessions that end when nobody uses them"
	root.Long = "pagesession serves pages whose visitors get a session. It lives 20 seconds, and\n" +
		"every look at a page starts them again. Without a command, pagesession serves.\n\n" +
		"Commands work on a data folder whether a server runs on it or not."
	root.Version = version()
	root.SilenceErrors = true // Main reports, once
	root.SilenceUsage = true
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.SetHelpCommand(newHelp())
	root.AddCommand(p.serve("serve"), p.createSuperuser(), p.changePassword(), p.users(), p.importDjango(),
		p.sessions(), p.clearSessions("clearsessions"), p.config(), newVersion(), newMan())
	strictCompletion(root)
	return root
}

// group is a command that only has others.
func group(name, short string, commands ...*cobra.Command) *cobra.Command {
	var names []string
	for _, cmd := range commands {
		names = append(names, cmd.Name())
	}
	cmd := &cobra.Command{Use: name, Short: short}
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return fmt.Errorf("%s has no command %q; use %s", name, args[0], either(names))
		}
		return fmt.Errorf("%s needs a command: %s", name, either(names))
	}
	cmd.Args = cobra.ArbitraryArgs             // RunE has better words
	cmd.FParseErrWhitelist.UnknownFlags = true // or a flag is blamed for a misspelt command
	cmd.AddCommand(commands...)
	return cmd
}

// oneArg refuses anything but one argument, which is what.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("%s is missing", what)
		}
		return upTo(1)(cmd, args)
	}
}

// upTo refuses more than n arguments, with a sentence that fits on the one line.
func upTo(n int) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > n {
			return fmt.Errorf("unexpected argument %q", args[n])
		}
		return nil
	}
}

// plain takes colons and Go's functions out of the flag library's texts.
func plain(err error) string {
	if bad := (*pflag.InvalidValueError)(nil); errors.As(err, &bad) {
		wanted := map[string]string{"int": "a number", "bool": "true or false"}
		if want := wanted[bad.GetFlag().Value.Type()]; want != "" {
			return fmt.Sprintf("--%s=%q is not %s", bad.GetFlag().Name, bad.GetValue(), want)
		}
	}
	return strings.Replace(err.Error(), "unknown flag: ", "unknown flag ", 1)
}

// oneLine keeps joined errors, and what a caller typed, on one line.
func oneLine(s string) string {
	s = strings.ReplaceAll(s, "\n", "; ")
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
}
