package cli

import (
	"cmp"
	"io"
	"strings"

	"pagesession/internal/control"

	"github.com/spf13/cobra"
)

func (p *Program) users() *cobra.Command {
	return group("users", "List, add, change, delete, disable, enable and unlock operators, and manage their second factors",
		p.usersList(), p.usersAdd(), p.usersChange(), p.usersDelete(),
		p.usersActivate("disable", "Disable an operator and sign them out everywhere", false),
		p.usersActivate("enable", "Enable a disabled operator", true), p.usersUnlock(), p.secondFactor())
}

func (p *Program) usersList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List operators by username", Args: upTo(0)}
	cmd.Flags().String("search", "", "show operators whose names or e-mail address contain these `words`")
	return p.onData(cmd, func(t *task) error {
		return do(t, control.ListUsers, control.UserQuery{Search: t.flag("search")}, t.userTable)
	})
}

func (t *task) userTable(w io.Writer, list control.UserList) {
	if len(list.Users) == 0 {
		say(w, "No operators.")
		return
	}
	rows := [][]string{{"USERNAME", "E-MAIL", "NAME", "ACTIVE", "STAFF", "SUPERUSER", "SECOND FACTOR", "LAST SIGN-IN", "GROUPS"}}
	for _, u := range list.Users {
		last := "never"
		if u.LastLogin != nil {
			last = t.moment(*u.LastLogin)
		}
		rows = append(rows, []string{
			u.Username, cmp.Or(u.Email, "-"), cmp.Or(strings.TrimSpace(u.FirstName+" "+u.LastName), "-"),
			yesNo(u.Active), yesNo(u.Staff), yesNo(u.Superuser), yesNo(u.SecondFactor), last, cmp.Or(strings.Join(u.Groups, ", "), "-"),
		})
	}
	table(w, rows)
}

func (p *Program) usersActivate(name, short string, active bool) *cobra.Command {
	cmd := &cobra.Command{Use: name + " USERNAME", Short: short, Args: oneArg("username")}
	return p.onData(cmd, func(t *task) error {
		return do(t, control.SetActive, control.Activation{Username: t.args[0], Active: active}, func(w io.Writer, u control.User) {
			say(w, "%s is %sd.", harmless(u.Username), name)
		})
	})
}

func (p *Program) usersUnlock() *cobra.Command {
	cmd := &cobra.Command{Use: "unlock USERNAME", Short: "Clear an operator's failed sign-ins, so they can try again at once", Args: oneArg("username")}
	return p.onSessions(cmd, func(t *task) error {
		return do(t, control.UnlockUser, control.Username{Username: t.args[0]}, func(w io.Writer, done control.Unlocked) {
			name := harmless(done.User.Username)
			switch {
			case !done.Server:
				say(w, "No server is running here, so no failed sign-ins of %s count: a server has them in memory.", name)
			case done.Failures == 0:
				say(w, "There were no failed sign-ins of %s to clear.", name)
			default:
				say(w, "Failed sign-ins of %s that no longer count: %d.", name, done.Failures)
			}
		})
	})
}
