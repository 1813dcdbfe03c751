package cli

import (
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
		Short: "Create an operator who may do everything",
		Long: "Create an operator who may do everything. What is not given is asked for; the\n" +
			"password is typed twice and not shown. With --noinput nothing is asked, and what\n" +
			"no flag gives comes from $" + config.EnvSuperuserUsername + ",\n" +
			"$" + config.EnvSuperuserEmail + " and $" + config.EnvSuperuserPassword + ".\n" +
			"$" + config.EnvSuperuserPassword + "_FILE names a file with the password.",
		Args: upTo(0),
	}
	cmd.Flags().String("username", "", "the operator's `name`")
	cmd.Flags().String("email", "", "the operator's e-mail `address`")
	cmd.Flags().Bool("noinput", false, "ask nothing")
	return p.onData(cmd, func(t *task) error {
		create := t.superuserAsked
		if t.yes("noinput") {
			create = t.superuserGiven
		}
		u, err := create()
		if errors.Is(err, ErrNoTerminal) {
			return fmt.Errorf("%w; use --noinput", err)
		}
		if err != nil {
			return err
		}
		return t.print(u, func(w io.Writer) { say(w, "Superuser %s created.", harmless(u.Username)) })
	})
}

// superuserGiven takes flags and the environment.
func (t *task) superuserGiven() (control.User, error) {
	n := control.NewSuperuser{
		Username: t.given("username", config.EnvSuperuserUsername),
		Email:    t.given("email", config.EnvSuperuserEmail),
		Password: control.Secret(t.Variable(config.EnvSuperuserPassword)),
	}
	switch {
	case n.Username == "":
		return control.User{}, usageError{errors.New("--noinput needs --username or " + config.EnvSuperuserUsername)}
	case n.Password == "":
		return control.User{}, usageError{errors.New("--noinput needs " + config.EnvSuperuserPassword + " or " + config.EnvSuperuserPassword + "_FILE")}
	}
	return control.CreateSuperuser.Run(t.ctx(), t.data, n)
}

// superuserAsked asks until everything is right.
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

// askSuperuser asks for these fields, in Django's order.
func (t *task) askSuperuser(n *control.NewSuperuser, fields []string) (err error) {
	if slices.Contains(fields, account.FieldUsername) {
		me := control.SystemUser()
		if n.Username, err = t.line(fmt.Sprintf("Username (leave blank to use '%s'): ", harmless(me))); err != nil {
			return err
		}
		if n.Username == "" {
			n.Username = me
		}
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

// complain says what is wrong with what was typed, and returns the fields that
// have to be asked for again; none if err is about something else.
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

// passwordTwice asks for a password until it was typed twice alike.
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
			fmt.Fprintln(t.Stderr, "The two passwords are not the same.")
		case strings.TrimSpace(first) == "":
			fmt.Fprintln(t.Stderr, "A blank password is none.")
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

// given is a flag's value or, without the flag, a variable's.
func (t *task) given(flag, variable string) string {
	if t.cmd.Flags().Changed(flag) {
		return t.flag(flag)
	}
	return t.Variable(variable)
}
