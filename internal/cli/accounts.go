package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"pagesession/internal/account"
	"pagesession/internal/config"
	"pagesession/internal/control"

	"github.com/spf13/cobra"
)

func (p *Program) accounts() *cobra.Command {
	return group("accounts", "Move operators and the audit log to another database", p.accountsMove())
}

func (p *Program) accountsMove() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "move --to DATABASE",
		Short: "Copy operators and the audit log to an empty database",
		Long: "Copy operators and the audit log from the database of --accounts, or from the file in\n" +
			"the data folder, to an empty one, and compare both. Stop all servers first. After an\n" +
			"interruption, run the same command again: it goes on where it stopped. The source\n" +
			"stays as it is.",
		Args: upTo(0),
	}
	cmd.Flags().String("to", "", "copy to this `database`: postgres://me@host/database, sqlite: for the file in the data folder, or sqlite:FILE")
	return p.onData(cmd, func(t *task) error {
		to, err := t.target()
		if err != nil {
			return err
		}
		moved, err := t.move(to)
		if err != nil {
			return err
		}
		return t.print(moved, func(w io.Writer) { sayMoved(w, moved, to) })
	})
}

// target returns the database of --to.
func (t *task) target() (account.Config, error) {
	to := t.flag("to")
	if err := config.CheckTarget("--to", to); err != nil {
		return account.Config{}, usageError{err}
	}
	if file, ok := strings.CutPrefix(to, config.SQLiteScheme); ok {
		return account.Config{Path: cmp.Or(file, filepath.Join(t.DataDir, account.FileName))}, nil
	}
	return account.Config{URL: to}, nil
}

// move copies while this process has the session file, which no server can have then.
func (t *task) move(to account.Config) (moved account.Moved, err error) {
	_, closeFiles, err := t.data.Files(t.ctx(), control.Need{Sessions: true})
	if errors.Is(err, control.ErrInUse) {
		return moved, fmt.Errorf("stop the server first, because its changes could be lost: %w", err)
	}
	if err != nil {
		return moved, err
	}
	defer func() { err = errors.Join(err, closeFiles()) }()
	from := account.Config{Path: filepath.Join(t.DataDir, account.FileName), URL: t.Accounts}
	return account.Move(t.ctx(), from, to)
}

func sayMoved(w io.Writer, m account.Moved, to account.Config) {
	what := fmt.Sprintf("%s, %s and %d audit entries", count(m.Users, "user"), count(m.Groups, "group"), m.Entries)
	if m.Complete {
		say(w, "Nothing to copy: %s has %s already.", harmless(m.To), what)
	} else {
		say(w, "Copied %s from %s to %s, and compared them.", what, harmless(m.From), harmless(m.To))
	}
	if to.URL != "" {
		say(w, "Start the servers with --accounts %s", harmless(m.To))
	}
}
