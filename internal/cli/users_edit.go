package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"pagesession/internal/control"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *Program) usersChange() *cobra.Command {
	cmd := &cobra.Command{
		Use: "change USERNAME", Short: "Rename an operator, or change their groups, permissions and flags", Args: oneArg("username"),
		Long: "Rename an operator, or change their details, groups, permissions and flags. What\n" +
			"you leave out stays; --email \"\" empties a field. An operator who is taken off\n" +
			"the staff (--staff=false) is signed out everywhere. The last active superuser\n" +
			"stays one.",
	}
	cmd.Flags().String("rename", "", "the new `username`")
	cmd.Flags().String("email", "", "the operator's e-mail `address`")
	cmd.Flags().String("first-name", "", "the operator's first `name`")
	cmd.Flags().String("last-name", "", "the operator's last `name`")
	cmd.Flags().StringArray("add-group", nil, "the `name` of a group that the operator joins; can be given more than once")
	cmd.Flags().StringArray("remove-group", nil, "the `name` of a group that the operator leaves; can be given more than once")
	permissionFlag(cmd, "grant", "a `permission` that the operator gets; can be given more than once")
	permissionFlag(cmd, "revoke", "a `permission` that the operator loses; can be given more than once")
	cmd.Flags().Bool("staff", false, "the operator can sign in to the console; --staff=false: they cannot")
	cmd.Flags().Bool("superuser", false, "the operator has all permissions; --superuser=false: only their own and their groups'")
	var details []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { details = append(details, f.Name) })
	return p.onData(cmd, func(t *task) error {
		if !slices.ContainsFunc(details, cmd.Flags().Changed) {
			return usageError{fmt.Errorf("users change needs at least one of --%s", strings.Join(details, ", --"))}
		}
		n, err := t.userChange()
		if err != nil {
			return err
		}
		return do(t, control.ChangeUser, n, changedUser)
	})
}

// userChange reads the flags of "users change".
func (t *task) userChange() (n control.UserChange, err error) {
	n = control.UserChange{
		Username: t.args[0], NewUsername: t.typed("rename"), Email: t.typed("email"), FirstName: t.typed("first-name"), LastName: t.typed("last-name"),
		Staff: t.typedYes("staff"), Superuser: t.typedYes("superuser"),
	}
	n.AddGroups, _ = t.cmd.Flags().GetStringArray("add-group")
	n.RemoveGroups, _ = t.cmd.Flags().GetStringArray("remove-group")
	if n.Grant, err = t.permissions("grant"); err != nil {
		return n, err
	}
	n.Revoke, err = t.permissions("revoke")
	return n, err
}

// typed returns the value of a flag; nil if it was left out.
func (t *task) typed(name string) *string {
	if !t.cmd.Flags().Changed(name) {
		return nil
	}
	value := t.flag(name)
	return &value
}

// typedYes is typed for a flag without a value.
func (t *task) typedYes(name string) *bool {
	if !t.cmd.Flags().Changed(name) {
		return nil
	}
	value := t.yes(name)
	return &value
}

// changedUser says what the operator is now.
func changedUser(w io.Writer, u control.ChangedUser) {
	is := "changed"
	if u.Same {
		is = "was like this before"
	}
	say(w, "Operator %s %s: %s.", harmless(u.Username), is, strings.Join([]string{
		flagged(u.Staff, "staff"), flagged(u.Superuser, "superuser"),
		"groups: " + cmp.Or(harmless(strings.Join(u.Groups, ", ")), "none"), "own permissions: " + cmp.Or(joined(u.Permissions), "none"),
	}, "; "))
}

func flagged(yes bool, what string) string {
	if yes {
		return what
	}
	return "not " + what
}
