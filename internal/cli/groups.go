package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"pagesession/internal/account"
	"pagesession/internal/control"

	"github.com/spf13/cobra"
)

func (p *Program) groups() *cobra.Command {
	return group("groups", "List, add, change and delete groups of operators", p.groupsList(), p.groupsAdd(), p.groupsChange(), p.groupsDelete())
}

func (p *Program) groupsList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List groups by name", Args: upTo(0)}
	cmd.Flags().String("search", "", "show groups whose names contain these `words`")
	return p.onData(cmd, func(t *task) error {
		return do(t, control.ListGroups, control.GroupQuery{Search: t.flag("search")}, groupTable)
	})
}

func groupTable(w io.Writer, list control.GroupList) {
	if len(list.Groups) == 0 {
		say(w, "No groups.")
		return
	}
	rows := [][]string{{"NAME", "MEMBERS", "PERMISSIONS"}}
	for _, g := range list.Groups {
		rows = append(rows, []string{g.Name, strconv.Itoa(g.Members), cmp.Or(joined(g.Permissions), "-")})
	}
	table(w, rows)
}

func joined(permissions []account.Permission) string {
	names := make([]string, len(permissions))
	for i, p := range permissions {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}

func (p *Program) groupsAdd() *cobra.Command {
	cmd := &cobra.Command{Use: "add NAME", Short: "Add a group", Args: oneArg("name")}
	permissionFlag(cmd, "permission", "a `permission` for its members, such as view_session; can be given more than once")
	return p.onData(cmd, func(t *task) error {
		all, err := t.permissions("permission")
		if err != nil {
			return err
		}
		return do(t, control.AddGroup, control.NewGroup{Name: t.args[0], Permissions: all}, func(w io.Writer, g control.Group) {
			say(w, "Group %s added.", harmless(g.Name))
		})
	})
}

func (p *Program) groupsChange() *cobra.Command {
	cmd := &cobra.Command{Use: "change NAME", Short: "Rename a group, or change its permissions", Args: oneArg("name")}
	cmd.Flags().String("rename", "", "the new `name`")
	permissionFlag(cmd, "grant", "a `permission` that its members get; can be given more than once")
	permissionFlag(cmd, "revoke", "a `permission` that its members lose; can be given more than once")
	return p.onData(cmd, func(t *task) error {
		n := control.GroupChange{Name: t.args[0], NewName: t.flag("rename")}
		var err error
		if n.Grant, err = t.permissions("grant"); err != nil {
			return err
		}
		if n.Revoke, err = t.permissions("revoke"); err != nil {
			return err
		}
		if n.NewName == "" && len(n.Grant)+len(n.Revoke) == 0 {
			return usageError{fmt.Errorf("groups change needs --rename, --grant or --revoke")}
		}
		return do(t, control.ChangeGroup, n, func(w io.Writer, g control.Group) {
			say(w, "Group %s has: %s.", harmless(g.Name), cmp.Or(joined(g.Permissions), "no permissions"))
		})
	})
}

func (p *Program) groupsDelete() *cobra.Command {
	cmd := &cobra.Command{Use: "delete NAME", Short: "Delete a group; its members lose its permissions", Args: oneArg("name")}
	cmd.Flags().Bool("yes", false, "delete without asking")
	return p.onData(cmd, func(t *task) error {
		if err := t.confirmDeletion("the group", t.args[0]); err != nil {
			return err
		}
		return do(t, control.DeleteGroup, control.GroupName{Name: t.args[0]}, func(w io.Writer, g control.Group) {
			say(w, "Group %s deleted.", harmless(g.Name))
		})
	})
}

// permissionFlag gives cmd a flag that takes permissions, which the shell completes.
func permissionFlag(cmd *cobra.Command, name, usage string) {
	cmd.Flags().StringArray(name, nil, usage)
	_ = cmd.RegisterFlagCompletionFunc(name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) { // no error: the flag is there
		return strings.Split(joined(account.Offered()), ", "), cobra.ShellCompDirectiveNoFileComp
	})
}

// permissions returns the values of such a flag.
func (t *task) permissions(name string) ([]account.Permission, error) {
	given, err := t.cmd.Flags().GetStringArray(name)
	if err != nil {
		return nil, err
	}
	all := make([]account.Permission, len(given))
	for i, value := range given {
		if all[i] = account.Permission(value); !slices.Contains(account.Permissions(), all[i]) {
			return nil, usageError{fmt.Errorf("--%s %.40q is not a permission; use one of %s", name, value, joined(account.Offered()))}
		}
	}
	return all, nil
}
