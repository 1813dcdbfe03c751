package cli

import (
	"fmt"
	"io"

	"pagesession/internal/control"

	"github.com/spf13/cobra"
)

func (p *Program) changePassword() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "changepassword [USERNAME]",
		Short: "Change an operator's password",
		Long: "Change an operator's password and sign them out everywhere. Without USERNAME, the\n" +
			"command takes the operator with the name of your system account. You type the\n" +
			"password twice; it stays hidden. With --password-stdin it comes from stdin.",
		Args: upTo(1),
	}
	withPasswordStdin(cmd)
	return p.onData(cmd, func(t *task) error {
		name := control.SystemUser()
		if len(t.args) > 0 {
			name = t.args[0]
		}
		if _, err := control.ShowUser.Run(t.ctx(), t.data, control.Username{Username: name}); err != nil {
			return err
		}
		u, err := t.newPassword(name)
		if err != nil {
			return err
		}
		return t.print(u, func(w io.Writer) { say(w, "Password of %s changed.", harmless(u.Username)) })
	})
}

// newPassword takes the password from stdin, or asks for one until it is accepted.
func (t *task) newPassword(name string) (control.User, error) {
	if t.yes(passwordStdin) {
		password, err := t.passwordFromStdin()
		if err != nil {
			return control.User{}, err
		}
		return control.SetPassword.Run(t.ctx(), t.data, control.NewPassword{Username: name, Password: password})
	}
	fmt.Fprintf(t.Stderr, "Changing password for user '%s'\n", harmless(name))
	for {
		password, err := t.passwordTwice()
		if err != nil {
			return control.User{}, err
		}
		u, err := control.SetPassword.Run(t.ctx(), t.data, control.NewPassword{Username: name, Password: password})
		if len(t.complain(err)) == 0 {
			return u, err
		}
	}
}
