package cli_test

import (
	"strings"
	"testing"
)

// Groups, permissions, flags and details of an operator are changed by command, with and
// without a server. What is left out stays.
func TestUsersChange(t *testing.T) {
	bothPlaces(t, 0, func(p *place) {
		p.superuser()
		for _, setUp := range []string{"groups add editors --permission view_session", "groups add readers", "users add bob --group readers --email bob@example.org --permission view_user --password-stdin"} {
			if r := p.piped(password, strings.Fields(setUp)...); r.code != 0 {
				t.Fatalf("%s = %+v", setUp, r)
			}
		}
		for _, tc := range []struct {
			args           string
			code           int
			stdout, stderr string
		}{
			{"bob --add-group editors --remove-group readers --grant add_user --revoke view_user", 0, "Operator bob changed: staff; not superuser; groups: editors; own permissions: add_user.\n", ""},
			{"bob --add-group editors", 0, "Operator bob was like this before: staff; not superuser; groups: editors; own permissions: add_user.\n", ""},
			{"bob --superuser --staff=false --revoke add_user", 0, "Operator bob changed: not staff; superuser; groups: editors; own permissions: none.\n", ""},
			{"bob --remove-group editors --staff --superuser=false", 0, "Operator bob changed: staff; not superuser; groups: none; own permissions: none.\n", ""},
			{"bob --rename eve --email= --first-name Eve", 0, "Operator eve changed: staff; not superuser; groups: none; own permissions: none.\n", ""},
			{"eve --rename ada", 1, "", "username: A user with that username already exists."},
			{"eve --email x", 1, "", "email: Enter a valid email address."},
			{"eve --add-group writers", 1, "", `group "writers" not found; "pagesession groups list" shows all`},
			{"bob --staff", 1, "", `user "bob" not found; "pagesession users list" shows all`},
			{"ada --superuser=false", 1, "", "this is the last active superuser; make another user a superuser first"},
			{"ada --staff=false", 1, "", "this is the last active superuser; make another user a superuser first"},
			{"eve", 2, "", "users change needs at least one of --add-group, --email, --first-name, --grant, --last-name, --remove-group, --rename, --revoke, --staff, --superuser; see \"pagesession users change --help\""},
		} {
			if tc.stderr != "" {
				tc.stderr = "pagesession: " + tc.stderr + "\n"
			}
			p.wants(p.do(append([]string{"users", "change"}, strings.Fields(tc.args)...)...), tc.args, tc.code, tc.stdout, tc.stderr)
		}
		p.wants(p.do("users", "list", "--search", "eve"), "users list", 0, "USERNAME  E-MAIL  NAME  ACTIVE  STAFF  SUPERUSER  SECOND FACTOR  LAST SIGN-IN  GROUPS\n"+
			"eve  -  Eve  yes  yes  no  no  never  -\n", "")
	})
}
