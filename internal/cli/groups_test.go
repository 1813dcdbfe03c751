package cli_test

import (
	"strings"
	"testing"
)

// Operators and groups are added, changed and deleted by command, with and without a server.
func TestCommands_UsersAndGroups(t *testing.T) {
	bothPlaces(t, 0, func(p *place) {
		p.superuser()
		const table = "NAME  MEMBERS  PERMISSIONS\n"
		for _, tc := range []struct {
			args, stdin    string
			code           int
			stdout, stderr string
		}{
			{"groups list", "", 0, "No groups.\n", ""},
			{"groups add editors --permission view_session --permission delete_session", "", 0, "Group editors added.\n", ""},
			{"groups add editors", "", 1, "", "name: A group with that name already exists."},
			{"groups add x --permission fly", "", 2, "", "--permission \"fly\" is not a permission; use one of #; see \"pagesession groups add --help\""},
			{"users add bob --group editors --permission view_user --email bob@example.org --password-stdin", password, 0, "Operator bob added.\n", ""},
			{"users add bob --password-stdin", password, 1, "", "username: A user with that username already exists."},
			{"users add eve --group writers --password-stdin", password, 1, "", `group "writers" not found; "pagesession groups list" shows all`},
			{"users add eve --password-stdin", "12345678", 1, "", "password: This password is too common. This password is entirely numeric."},
			{"users list --search bob", "", 0, "USERNAME  E-MAIL  NAME  ACTIVE  STAFF  SUPERUSER  SECOND FACTOR  LAST SIGN-IN  GROUPS\n" +
				"bob  bob@example.org  -  yes  yes  no  no  never  editors\n", ""},
			{"groups list", "", 0, table + "editors  1  view_session, delete_session\n", ""},
			{"groups change editors", "", 2, "", "groups change needs --rename, --grant or --revoke; see \"pagesession groups change --help\""},
			{"groups change writers --grant view_user", "", 1, "", `group "writers" not found; "pagesession groups list" shows all`},
			{"groups change editors --rename authors --grant view_user --grant add_user --revoke delete_session", "", 0, "Group authors has: view_session, view_user, add_user.\n", ""},
			{"groups list --search auth", "", 0, table + "authors  1  view_session, view_user, add_user\n", ""},
			{"groups delete authors", "", 2, "", "stdin is not a terminal; run this command in one, or use --yes"},
			{"groups delete authors --yes", "", 0, "Group authors deleted.\n", ""},
			{"groups delete authors --yes", "", 1, "", `group "authors" not found; "pagesession groups list" shows all`},
			{"users delete bob", "", 2, "", "stdin is not a terminal; run this command in one, or use --yes"},
			{"users delete bob --yes", "", 0, "Operator bob deleted.\n", ""},
			{"users delete bob --yes", "", 1, "", `user "bob" not found; "pagesession users list" shows all`},
			{"users delete ada --yes", "", 1, "", "ada: this is the last active superuser; make another user a superuser first"},
		} {
			r := p.piped(tc.stdin, strings.Fields(tc.args)...)
			before, _, found := strings.Cut(r.stderr, "use one of ")
			if found {
				_, after, _ := strings.Cut(r.stderr, "; see")
				r.stderr = before + "use one of #; see" + after
			}
			want := tc.stderr
			if want != "" {
				want = "pagesession: " + want + "\n"
			}
			p.wants(r, tc.args, tc.code, tc.stdout, want)
		}
	})
}

// On a terminal the password is asked for, and the name of what goes has to be typed.
func TestCommands_UsersAndGroups_Ask(t *testing.T) {
	bothPlaces(t, 0, func(p *place) {
		p.superuser()
		p.wants(p.answering(answers(), "users", "add", "ada"), "a taken name", 1, "",
			"A user with that username already exists.\npagesession: no operator was added; choose another username\n")
		p.wants(p.answering(answers("12345678", "12345678", password, password), "users", "add", "bob"), "users add", 0, "Operator bob added.\n",
			"Password: \nPassword (again): \nThis password is too common.\nThis password is entirely numeric.\nPassword: \nPassword (again): \n")
		const question = "This deletes the operator \"bob\". Type the name to confirm: \n"
		p.wants(p.answering(answers("yes"), "users", "delete", "bob"), "a wrong answer", 1, "", question+"pagesession: cancelled; nothing was changed\n")
		p.wants(p.answering(answers("bob"), "users", "delete", "bob"), "users delete", 0, "Operator bob deleted.\n", question)
	})
}
