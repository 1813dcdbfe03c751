package cli

import (
	"errors"
	"fmt"
	"io"

	"pagesession/internal/account"
	"pagesession/internal/control"

	"github.com/spf13/cobra"
)

func (p *Program) usersAdd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "add USERNAME", Short: "Add an operator", Args: oneArg("username"),
		Long: "Add an operator. You type the password twice, and it stays hidden; with\n" +
			"--password-stdin it comes from stdin. --group and --permission can be given\n" +
			"more than once. Without them the operator can sign in and see the dashboard.",
	}
	cmd.Flags().String("email", "", "the operator's e-mail `address`")
	cmd.Flags().String("first-name", "", "the operator's first `name`")
	cmd.Flags().String("last-name", "", "the operator's last `name`")
	cmd.Flags().StringArray("group", nil, "the `name` of a group that the operator joins")
	permissionFlag(cmd, "permission", "a `permission`, such as view_session")
	cmd.Flags().Bool("staff", true, "the operator can sign in to the console")
	cmd.Flags().Bool("superuser", false, "the operator has all permissions")
	withPasswordStdin(cmd)
	return p.onData(cmd, func(t *task) error {
		groups, _ := cmd.Flags().GetStringArray("group")
		n := control.NewUser{
			Username: t.args[0], Email: t.flag("email"), FirstName: t.flag("first-name"), LastName: t.flag("last-name"),
			Staff: t.yes("staff"), Superuser: t.yes("superuser"), Groups: groups,
		}
		var err error
		if n.Permissions, err = t.permissions("permission"); err != nil {
			return err
		}
		u, err := t.addUser(n)
		if err != nil {
			return err
		}
		return t.print(u, func(w io.Writer) { say(w, "Operator %s added.", harmless(u.Username)) })
	})
}

// addUser asks for a password until one is accepted, or takes it from stdin. All other
// mistakes end it.
func (t *task) addUser(n control.NewUser) (u control.User, err error) {
	if t.yes(passwordStdin) {
		if n.Password, err = t.passwordFromStdin(); err != nil {
			return u, err
		}
		return control.AddUser.Run(t.ctx(), t.data, n)
	}
	if t.taken(n.Username) {
		return u, errors.New("no operator was added; choose another username")
	}
	for {
		if n.Password, err = t.passwordTwice(); err != nil {
			return u, err
		}
		u, err = control.AddUser.Run(t.ctx(), t.data, n)
		if again := t.complainOfPassword(err); !again {
			return u, err
		}
	}
}

// complainOfPassword prints what is wrong with a password, if nothing else is wrong.
func (t *task) complainOfPassword(err error) bool {
	var invalid account.ValidationErrors
	if !errors.As(err, &invalid) || len(invalid) != 1 || len(invalid[account.FieldPassword]) == 0 {
		return false
	}
	return len(t.complain(err)) > 0
}

func (p *Program) usersDelete() *cobra.Command {
	cmd := &cobra.Command{
		Use: "delete USERNAME", Short: "Delete an operator; the audit log keeps their name", Args: oneArg("username"),
		Long: "Delete an operator and sign them out everywhere. The audit log keeps their name;\n" +
			"\"pagesession privacy erase --user USERNAME\" removes it there, too.",
	}
	cmd.Flags().Bool("yes", false, "delete without asking")
	return p.onData(cmd, func(t *task) error {
		if _, err := control.ShowUser.Run(t.ctx(), t.data, control.Username{Username: t.args[0]}); err != nil {
			return err
		}
		if err := t.confirmDeletion("the operator", t.args[0]); err != nil {
			return err
		}
		return do(t, control.DeleteUser, control.Username{Username: t.args[0]}, func(w io.Writer, u control.User) {
			say(w, "Operator %s deleted.", harmless(u.Username))
		})
	})
}

// confirmDeletion has the operator type the name of what is deleted.
func (t *task) confirmDeletion(what, name string) error {
	return t.confirmName(fmt.Sprintf("This deletes %s %q.", what, harmless(name)), name)
}

// confirmName says what will be done and has the operator type a name, unless --yes is given.
func (t *task) confirmName(does, name string) error {
	if t.yes("yes") {
		return nil
	}
	typed, err := t.line(does + " Type the name to confirm: ")
	switch {
	case errors.Is(err, ErrNoTerminal):
		return fmt.Errorf("%w, or use --yes", err)
	case err != nil:
		return err
	case typed != name:
		return ErrCancelled
	}
	return nil
}
