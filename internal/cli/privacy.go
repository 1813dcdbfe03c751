package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"pagesession/internal/control"
	"pagesession/internal/disk"

	"github.com/spf13/cobra"
)

func (p *Program) privacy() *cobra.Command {
	return group("privacy", "Export or erase what is kept of one person", p.privacyExport(), p.privacyErase())
}

// whose says how a person is named, in the help of both commands.
const whose = "Name an operator with --user, or a visitor with --session, --subject or --name.\n" +
	"--user also finds an operator who was deleted and is still in the audit log.\n" +
	"--name finds the sessions whose name is exactly this text, and several visitors may\n" +
	"have one name: see \"pagesession sessions list --search\" first."

func personFlags(cmd *cobra.Command) {
	cmd.Flags().String("user", "", "the operator with this `username`")
	cmd.Flags().String("session", "", "the visitor with this live `session`, as \"sessions list\" shows it")
	cmd.Flags().String("subject", "", "the visitor whose live sessions have this `subject`")
	cmd.Flags().String("name", "", "the visitor whose live sessions have this `name`")
}

// person reads the flags.
func (t *task) person() (control.Person, error) {
	who := control.Person{Username: t.flag("user"), Session: t.flag("session"), Subject: t.flag("subject"), Name: t.flag("name")}
	err := who.Check()
	switch {
	case errors.Is(err, control.ErrRequest):
		return who, usageError{errors.New("give one of --user, --session, --subject and --name")}
	case err != nil:
		return who, usageError{err}
	}
	return who, nil
}

func (p *Program) privacyExport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write what is kept of one person as JSON",
		Long: "Write what is kept of one person as JSON, to stdout or with --output to a new file of\n" +
			"mode 0600. It has no password hash, secret or key.\n\n" + whose,
		Args: upTo(0),
	}
	personFlags(cmd)
	cmd.Flags().String("output", "", "write to this new `file`")
	return p.onPerson(cmd, func(t *task) error {
		who, err := t.person()
		if err != nil {
			return err
		}
		data, err := control.ExportPerson.Run(t.ctx(), t.data, who)
		if err != nil {
			return err
		}
		return t.write(data)
	})
}

// write writes an export.
func (t *task) write(data control.PersonalData) error {
	var out bytes.Buffer
	if err := writeJSON(&out, data); err != nil {
		return err
	}
	name := t.flag("output")
	if name == "" {
		_, err := t.Stdout.Write(out.Bytes())
		return err
	}
	err := disk.Create(name, out.Bytes())
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("file %q already exists; remove it or choose another name", name)
	}
	return err
}

func (p *Program) privacyErase() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "erase",
		Short: "Erase what is kept of one person",
		Long: "Erase what is kept of one person. Of an operator it deletes the account and the sessions\n" +
			"in the console, and takes the name and the addresses out of the audit log, which\n" +
			"still says what was done. Of a visitor it ends the live sessions, with all that is in\n" +
			"them. docs/PRIVACY.md says when the bytes have left the files.\n\n" + whose,
		Args: upTo(0),
	}
	personFlags(cmd)
	cmd.Flags().Bool("yes", false, "erase without asking")
	return p.onPerson(cmd, func(t *task) error {
		who, err := t.person()
		if err != nil {
			return err
		}
		name := who.Username + who.Session + who.Subject + who.Name
		if err := t.confirmName(fmt.Sprintf("This erases what is kept of %q and cannot be undone.", harmless(name)), name); err != nil {
			return err
		}
		return do(t, control.ErasePerson, who, t.sayErased)
	})
}

func (t *task) sayErased(w io.Writer, done control.Erased) {
	if done.Users > 0 {
		say(w, "%s erased, who was named in %s. %s ended.", count(done.Users, "operator"), entries(done.Entries), count(done.Sessions, "session"))
	} else {
		say(w, "%s ended.", count(done.Sessions, "session"))
	}
	if done.Rest != "" {
		say(w, "Some sessions of the operator are still listed, and are refused: %s", harmless(done.Rest))
	}
	t.sayNotOnDisk(w, done.NotOnDisk)
	say(w, "Older bytes can stay in files and backups until they are written anew: see docs/PRIVACY.md.")
}

func entries(n int) string {
	if n == 1 {
		return "1 audit entry"
	}
	return fmt.Sprintf("%d audit entries", n)
}
