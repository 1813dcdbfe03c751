package main

import (
	"fmt"
	"strings"
)

// change is a text of a unit that the package has in another form.
type change struct{ from, to string }

// serviceChanges are those of pagesession.service. The package has a user, whose data are in
// /var/lib/pagesession itself: with DynamicUser= they would be below /var/lib/private, where
// only root gets to them, and commands as that user would fail. RemoveIPC= is the one thing that
// DynamicUser= means besides and that the unit does not say. Group= is left out, since a user
// that was made by hand may have another group.
var serviceChanges = []change{
	{"ExecStart=/usr/local/bin/pagesession", "ExecStart=/usr/bin/pagesession"},
	{"DynamicUser=yes", "User=pagesession\nRemoveIPC=yes"},
}

// unitHead replaces the head of each unit, which says how to install it by hand.
const unitHead = `# From the package pagesession, which replaces this file at an upgrade. To change a setting of it:
#   systemctl edit %s
# The server's own settings are in /etc/pagesession.env.

`

// packagedUnit returns a unit of this project as a package has it.
func packagedUnit(name, unit string, changes []change) (string, error) {
	_, body, ok := strings.Cut(unit, "\n[Unit]\n")
	if !ok {
		return "", fmt.Errorf("%s has no [Unit]", name)
	}
	body = "[Unit]\n" + body
	for _, c := range changes {
		if n := strings.Count(body, "\n"+c.from+"\n"); n != 1 {
			return "", fmt.Errorf("%s has %d lines %q; want one", name, n, c.from)
		}
		body = strings.Replace(body, "\n"+c.from+"\n", "\n"+c.to+"\n", 1)
	}
	if strings.Contains(body, "/usr/local/") {
		return "", fmt.Errorf("%s names /usr/local, where packages have nothing", name)
	}
	return fmt.Sprintf(unitHead, name) + body, nil
}
