package cli

import (
	"context"
	"errors"
	"io"

	"pagesession/internal/config"
	"pagesession/internal/control"

	"github.com/spf13/cobra"
)

// A task is one run of a command on a data folder.
type task struct {
	*Program
	*config.Loaded
	cmd  *cobra.Command
	args []string
	data *control.Client
}

// ctx returns a context that is done on Ctrl-C.
func (t *task) ctx() context.Context { return t.cmd.Context() }

// onData makes cmd a command that works on a data folder, with --data-dir, --config
// and --json. An error of run is a failure, unless it is a usageError.
func (p *Program) onData(cmd *cobra.Command, run func(*task) error) *cobra.Command {
	return p.on(cmd, run, "data-dir", "accounts")
}

// onSessions is onData for a command on what may be in Redis: visitors' sessions, or failed
// sign-ins.
func (p *Program) onSessions(cmd *cobra.Command, run func(*task) error) *cobra.Command {
	return p.on(cmd, run, append([]string{"data-dir", "accounts"}, config.SessionFlags()...)...)
}

// onPerson is onSessions for a command on all that is kept of a person.
func (p *Program) onPerson(cmd *cobra.Command, run func(*task) error) *cobra.Command {
	return p.on(cmd, run, append([]string{"data-dir", "accounts", config.SecretKey}, config.SessionFlags()...)...)
}

// onKey is onData for a command that seals secrets.
func (p *Program) onKey(cmd *cobra.Command, run func(*task) error) *cobra.Command {
	return p.on(cmd, run, "data-dir", "accounts", config.SecretKey)
}

func (p *Program) on(cmd *cobra.Command, run func(*task) error, flags ...string) *cobra.Command {
	config.Bind(cmd.Flags(), flags...)
	cmd.Flags().Bool("json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		loaded, err := p.load(cmd, cmd.Name())
		if err != nil {
			return err
		}
		return failed(run(&task{p, loaded, cmd, args, p.Operate(loaded.Config, p.log())}))
	}
	return cmd
}

// do runs an operation and prints its result, also with control.ErrNotAudited.
func do[Q, R any](t *task, o control.Operation[Q, R], q Q, people func(io.Writer, R)) error {
	result, err := o.Run(t.ctx(), t.data, q)
	if err != nil && !errors.Is(err, control.ErrNotAudited) {
		return err
	}
	return errors.Join(err, t.print(result, func(w io.Writer) { people(w, result) }))
}

// usageError is wrong usage that only a started command can find.
type usageError struct{ error }

// flag returns the value of a flag of the command.
func (t *task) flag(name string) string { return t.cmd.Flag(name).Value.String() }

// yes reports whether a boolean flag of the command is set.
func (t *task) yes(name string) bool { return t.flag(name) == "true" }
