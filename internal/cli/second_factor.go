package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"pagesession/internal/account"
	"pagesession/internal/control"
	"pagesession/internal/qr"

	"github.com/spf13/cobra"
)

func (p *Program) secondFactor() *cobra.Command {
	return group("second-factor", "Set up and reset the second factor of an operator", p.secondFactorAdd(), p.recoveryCodes(), p.secondFactorReset())
}

// longestIssuer is how many characters the server's name in an app may have: apps show a line
// of it, and the QR code has it twice.
const longestIssuer = 60

func (p *Program) secondFactorAdd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add USERNAME",
		Short: "Set up an authenticator app for an operator",
		Long: "Set up an authenticator app for an operator. The command shows a QR code for the app on\n" +
			"this terminal, asks for the code that the app shows then, and shows the operator's\n" +
			"recovery codes. The new app takes the place of an earlier one.",
		Args: oneArg("username"),
	}
	cmd.Flags().String("issuer", "pagesession", "the `name` that the app shows for this server")
	return p.onKey(cmd, func(t *task) error {
		issuer := strings.TrimSpace(t.flag("issuer"))
		if n := utf8.RuneCountInString(issuer); n == 0 || n > longestIssuer || !utf8.ValidString(issuer) {
			return usageError{fmt.Errorf("--issuer takes a name of 1 to %d characters", longestIssuer)}
		}
		set, err := control.SetUpTOTP.Run(t.ctx(), t.data, control.NewTOTP{Username: t.args[0], Issuer: issuer})
		if err != nil {
			return err
		}
		if err := t.showSetup(set); err != nil {
			return err
		}
		done, err := t.confirmSetup(set)
		if err != nil {
			return err
		}
		if err := t.showCodes(done); err != nil {
			return err
		}
		return t.print(done.User, func(w io.Writer) {
			say(w, "%s signs in with an authenticator app from now on.", harmless(done.User.Username))
		})
	})
}

// showSetup shows what the app has to learn. Names can be too long for a QR code; the setup key
// can be typed.
func (t *task) showSetup(set control.TOTPSetup) error {
	var out strings.Builder
	verb := "Or type"
	if code, err := qr.New(string(set.Address)); err == nil {
		say(&out, "Scan this with the authenticator app of %s:\n\n%s", harmless(set.User.Username), code.Terminal())
	} else {
		verb = "The names are too long for a QR code. Type"
	}
	say(&out, "%s this setup key into the app: %s\nOr open this address on the device: %s\n", verb, account.LetterGroups(string(set.Secret), 4, " "), string(set.Address))
	return t.Prompt.Show(out.String())
}

// confirmSetup asks for the app's code until it is right.
func (t *task) confirmSetup(set control.TOTPSetup) (control.FactorChange, error) {
	for {
		code, err := t.line("Code that the app shows: ")
		if err != nil {
			return control.FactorChange{}, err
		}
		done, err := control.ConfirmTOTP.Run(t.ctx(), t.data, control.TOTPProof{Username: set.User.Username, Sealed: set.Sealed, Code: control.Secret(code)})
		if !errors.Is(err, account.ErrCode) {
			return done, err
		}
		fmt.Fprintln(t.Stderr, "This code is wrong. Enter the newest one. If that is wrong, too, check the clocks of the device and of the server.")
	}
}

func (p *Program) recoveryCodes() *cobra.Command {
	cmd := &cobra.Command{Use: "recovery-codes USERNAME", Short: "Make new recovery codes for an operator who has a second factor", Args: oneArg("username")}
	return p.onData(cmd, func(t *task) error {
		if err := t.Prompt.Show(""); err != nil {
			return err
		}
		done, err := control.NewRecoveryCodes.Run(t.ctx(), t.data, control.Username{Username: t.args[0]})
		if err != nil {
			return err
		}
		if err := t.showCodes(done); err != nil {
			return err
		}
		return t.print(done.User, func(w io.Writer) {
			say(w, "%s has new recovery codes. The old ones no longer count.", harmless(done.User.Username))
		})
	})
}

// showCodes shows new recovery codes, if there are any.
func (t *task) showCodes(done control.FactorChange) error {
	if len(done.Codes) == 0 {
		return nil
	}
	var out strings.Builder
	say(&out, "Recovery codes of %s. Each works once, in place of a second factor. They are shown only now; keep them in a safe place:\n", harmless(done.User.Username))
	for _, code := range done.Codes {
		say(&out, "  %s", string(code))
	}
	say(&out, "")
	return t.Prompt.Show(out.String())
}

func (p *Program) secondFactorReset() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reset USERNAME",
		Short: "Remove all second factors of an operator who lost them, and sign them out",
		Args:  oneArg("username"),
	}
	return p.onData(cmd, func(t *task) error {
		return do(t, control.ResetSecondFactors, control.Username{Username: t.args[0]}, func(w io.Writer, u control.User) {
			say(w, "%s has no second factor any more, and signs in with the password alone.", harmless(u.Username))
		})
	})
}
