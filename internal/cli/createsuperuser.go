package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"pagesession/internal/account"
	"pagesession/internal/config"
	"pagesession/internal/control"

	"github.com/spf13/cobra"
)

func (p *Program) createSuperuser() *cobra.Command {
	cmd := &cobra.Command{
		Use:   config.CreateSuperuser,
		Short: "Create an operator with all permissions",
		Long: "Create an operator with all permissions. The command asks for a name, an e-mail\n" +
			"address and a password; you type the password twice, and it stays hidden.\n\n" +
			"With --noinput it asks nothing. The name and the address come from the flags or\n" +
			"from $" + config.EnvSuperuserUsername + " and\n" +
			"$" + config.EnvSuperuserEmail + ", the password from\n" +
			"$" + config.EnvSuperuserPassword + " or from the file that\n" +
			"$" + config.EnvSuperuserPassword + "_FILE names. --password-stdin is\n" +
			"the same with the password from stdin.",
		Args: upTo(0),
	}
	cmd.Flags().String("username", "", "the operator's `name`")
	cmd.Flags().String("email", "", "the operator's e-mail `address`")
	cmd.Flags().Bool("noinput", false, "ask nothing; take flags and variables")
	withPasswordStdin(cmd)
	return p.onData(cmd, func(t *task) error {
		create := t.superuserAsked
		if t.yes("noinput") || t.yes(passwordStdin) {
			create = t.superuserGiven
		}
		u, err := create()
		if errors.Is(err, ErrNoTerminal) {
			return fmt.Errorf("%w, or use --noinput", err)
		}
		if err != nil {
			return err
		}
		return t.print(u, func(w io.Writer) { say(w, "Superuser %s created.", harmless(u.Username)) })
	})
}

// superuserGiven creates the superuser from flags and the environment.
func (t *task) superuserGiven() (u control.User, err error) {
	n := control.NewSuperuser{
		Username: t.given("username", config.EnvSuperuserUsername),
		Email:    t.given("email", config.EnvSuperuserEmail),
		Password: control.Secret(t.Variable(config.EnvSuperuserPassword)),
	}
	if n.Username == "" {
		return u, usageError{errors.New("--noinput needs --username or " + config.EnvSuperuserUsername)}
	}
	if t.yes(passwordStdin) {
		if n.Password, err = t.passwordFromStdin(); err != nil {
			return u, err
		}
	}
	if n.Password == "" {
		return u, usageError{errors.New("--noinput needs " + config.EnvSuperuserPassword + " or " + config.EnvSuperuserPassword + "_FILE")}
	}
	return control.CreateSuperuser.Run(t.ctx(), t.data, n)
}

// superuserAsked asks until all answers are accepted.
func (t *task) superuserAsked() (control.User, error) {
	n := control.NewSuperuser{Username: t.flag("username"), Email: t.flag("email")}
	ask := []string{account.FieldPassword}
	for _, field := range []string{account.FieldUsername, account.FieldEmail} {
		if !t.cmd.Flags().Changed(field) {
			ask = append(ask, field)
		}
	}
	for {
		if err := t.askSuperuser(&n, ask); err != nil {
			return control.User{}, err
		}
		u, err := control.CreateSuperuser.Run(t.ctx(), t.data, n)
		if ask = t.complain(err); len(ask) == 0 {
			return u, err
		}
	}
}

// askSuperuser asks for these fields, in Django's order. It asks for another name while the
// name is taken, before anything else is typed.
func (t *task) askSuperuser(n *control.NewSuperuser, fields []string) (err error) {
	ask := slices.Contains(fields, account.FieldUsername)
	for ask || t.taken(n.Username) {
		if n.Username, err = t.askUsername(); err != nil {
			return err
		}
		ask = false
	}
	if slices.Contains(fields, account.FieldEmail) {
		if n.Email, err = t.line("Email address: "); err != nil {
			return err
		}
	}
	if slices.Contains(fields, account.FieldPassword) {
		n.Password, err = t.passwordTwice()
	}
	return err
}

// askUsername asks for a name, and offers that of the system user.
func (t *task) askUsername() (string, error) {
	me := control.SystemUser()
	name, err := t.line(fmt.Sprintf("Username (leave blank to use '%s'): ", harmless(me)))
	return cmp.Or(name, me), err
}

// taken says that a name is taken. After an error it is not known to be, and the creation,
// which also makes a missing data folder, has the last word.
func (t *task) taken(name string) bool {
	_, err := control.ShowUser.Run(t.ctx(), t.data, control.Username{Username: name})
	if err == nil {
		fmt.Fprintln(t.Stderr, "A user with that username already exists.")
	}
	return err == nil
}

// complain prints what is wrong with the answers and returns the fields to ask for
// again: none if err is another error.
func (t *task) complain(err error) []string {
	var invalid account.ValidationErrors
	if !errors.As(err, &invalid) {
		return nil
	}
	var again []string
	for _, field := range []string{account.FieldUsername, account.FieldEmail, account.FieldPassword} {
		for _, message := range invalid[field] {
			fmt.Fprintln(t.Stderr, harmless(message))
		}
		if len(invalid[field]) > 0 {
			again = append(again, field)
		}
	}
	return again
}

// passwordTwice asks for a password until both entries are the same.
func (t *task) passwordTwice() (control.Secret, error) {
	for {
		first, err := t.Prompt.Secret(t.ctx(), "Password: ")
		if err != nil {
			return "", err
		}
		second, err := t.Prompt.Secret(t.ctx(), "Password (again): ")
		switch {
		case err != nil:
			return "", err
		case first != second:
			fmt.Fprintln(t.Stderr, "The passwords differ; type them again.")
		case strings.TrimSpace(first) == "":
			fmt.Fprintln(t.Stderr, "The password is blank; type another one.")
		default:
			return control.Secret(first), nil
		}
	}
}

// line asks for a line.
func (t *task) line(question string) (string, error) {
	line, err := t.Prompt.Line(t.ctx(), question)
	return strings.TrimSpace(line), err
}

// given returns the flag's value or, without the flag, the variable's.
func (t *task) given(flag, variable string) string {
	if t.cmd.Flags().Changed(flag) {
		return t.flag(flag)
	}
	return t.Variable(variable)
}
