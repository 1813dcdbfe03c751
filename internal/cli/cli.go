// Package cli is the command line. It parses the arguments, runs the command, reports
// errors and returns the exit code. The caller passes in how to serve, so tests need
// no process.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"

	"pagesession/internal/app"
	"pagesession/internal/config"
	"pagesession/internal/control"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Exit codes. A restart may cure a failure, so service managers restart on 1; a wrong
// usage stays wrong.
const (
	exitOK    = 0
	exitFail  = 1
	exitUsage = 2
)

// Serve runs the server until ctx is done and everything has stopped. An error is one line
// that says what to do.
type Serve func(ctx context.Context, cfg config.Config, log *slog.Logger, process app.Process) error

// Operate returns a client for the data in cfg.DataDir. It works with and without a
// running server.
type Operate func(cfg config.Config, log *slog.Logger) *control.Client

// A Program is one run of the program: its input, its output and its operations.
type Program struct {
	Args    []string  // without the program's name
	Environ []string  // in the form of os.Environ
	Stdin   io.Reader // for --password-stdin; Prompt has its own
	Stdout  io.Writer
	Stderr  io.Writer
	Prompt  Prompter
	Serve   Serve
	Operate Operate

	lines      *lineWriter // of the server, see queueStderr; nil in other commands
	onTerminal bool        // the server's stderr is a terminal
}

// Main runs the command line and returns the exit code: 1 after a failure and 2 after
// wrong usage, with one line on stderr, and 2 after bad settings, with a line for each.
// A server whose files may lack something at its end returns 3.
func (p *Program) Main(ctx context.Context) int {
	defer p.flushStderr()
	root := p.root()
	root.SetArgs(p.Args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	code, lines := describe(cmd, err)
	for _, line := range lines {
		fmt.Fprintf(p.Stderr, "pagesession: %s\n", oneLine(line))
	}
	return code
}

// describe returns the exit code and the lines for an error of cmd. Usage errors name
// the command's help; a bad setting and a missing terminal name their own cure.
func describe(cmd *cobra.Command, err error) (code int, lines []string) {
	if failure := (failure{}); errors.As(err, &failure) {
		return exitCodeOf(failure), []string{failure.Error()}
	}
	if mistakes := (config.Mistakes)(nil); errors.As(err, &mistakes) {
		for _, mistake := range mistakes {
			lines = append(lines, mistake.Error())
		}
		return exitUsage, lines
	}
	if errors.Is(err, ErrNoTerminal) || errors.Is(err, ErrNoScreen) {
		return exitUsage, []string{err.Error()}
	}
	if cmd.Name() == "help" {
		cmd = cmd.Root()
	}
	return exitUsage, []string{fmt.Sprintf(`%s; see "%s --help"`, plain(err), cmd.CommandPath())}
}

// exitCodeOf returns the exit code of a failure, which an error in it may choose.
func exitCodeOf(err error) int {
	var chosen interface{ ExitCode() int }
	if errors.As(err, &chosen) {
		return chosen.ExitCode()
	}
	return exitFail
}

// failure marks an error of a command that has started its work. All other errors
// that cobra returns are wrong usage: a flag, an argument or a setting.
type failure struct{ error }

// failed marks err as a failure. It returns nil, usage errors, ErrNoTerminal and
// ErrNoScreen unchanged.
func failed(err error) error {
	var usage usageError
	if err == nil || errors.As(err, &usage) || errors.Is(err, ErrNoTerminal) || errors.Is(err, ErrNoScreen) {
		return err
	}
	return failure{err}
}

// Unwrap returns the error of the command.
func (f failure) Unwrap() error { return f.error }

// root builds new commands for each call, because cobra keeps state in them.
func (p *Program) root() *cobra.Command {
	root := p.serve("pagesession")
	root.SetOut(p.Stdout) // before strictCompletion, whose commands copy it
	root.SetErr(p.Stderr)
	root.Short = "A session server: unused sessions end by themselves"
	root.Long = "pagesession serves web pages and keeps a session for each visitor. A session ends\n" +
		"after 20 seconds without a visit, unless you set another idle timeout.\n\n" +
		"Without a command, pagesession starts the server. The other commands work with\n" +
		"and without a running server."
	root.Args = knownCommand
	root.Version = version()
	root.SilenceErrors = true // Main reports, once
	root.SilenceUsage = true
	root.SetHelpCommand(newHelp())
	root.AddCommand(p.serve("serve"), p.createSuperuser(), p.changePassword(), p.users(), p.groups(), p.accounts(), p.importDjango(), p.backup(), p.restore(),
		p.sessions(), p.clearSessions("clearsessions"), p.status(), p.healthcheck(), p.config(), newVersion(), newMan())
	root.AddCommand(p.check(), p.privacy())
	root.AddCommand(p.collectStatic())
	strictCompletion(root)
	return root
}

// group is a command that only has subcommands.
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
	cmd.Args = cobra.ArbitraryArgs             // RunE reports a misspelt command
	cmd.FParseErrWhitelist.UnknownFlags = true // so that RunE runs before a flag of that command is refused
	cmd.AddCommand(commands...)
	return cmd
}

// knownCommand refuses arguments of the program itself: they are misspelt commands.
func knownCommand(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("unknown command %q", args[0])
	}
	return nil
}

// oneArg requires exactly one argument. what names it in the error.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("missing %s", what)
		}
		return upTo(1)(cmd, args)
	}
}

// upTo refuses more than n arguments.
func upTo(n int) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > n {
			return fmt.Errorf("unexpected argument %q", args[n])
		}
		return nil
	}
}

// plain rewords the flag library's errors.
func plain(err error) string {
	var unknown *pflag.NotExistError
	var empty *pflag.ValueRequiredError
	var bad *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return "unknown flag -" + unknown.GetSpecifiedName()
	case errors.As(err, &unknown):
		return "unknown flag --" + unknown.GetSpecifiedName()
	case errors.As(err, &empty):
		return "missing value of --" + empty.GetFlag().Name
	case errors.As(err, &bad):
		wanted := map[string]string{"int": "a number", "bool": "true or false"}[bad.GetFlag().Value.Type()]
		return fmt.Sprintf("--%s=%q is not %s", bad.GetFlag().Name, bad.GetValue(), wanted)
	}
	return err.Error()
}

// oneLine puts joined errors on one line, and replaces what a terminal would obey.
func oneLine(s string) string {
	s = strings.ReplaceAll(s, "\n", "; ")
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
}
