package account

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A djangoImport is a running import, inside one transaction.
type djangoImport struct {
	*change
	project *djangoProject
	groups  map[int64]uint64 // our ids by Django's
	report  DjangoReport
}

func (i *djangoImport) run() error {
	for _, g := range i.project.groups {
		if err := i.addGroup(g); err != nil {
			return err
		}
	}
	for _, u := range i.project.users {
		if err := i.addUser(u); err != nil {
			return err
		}
	}
	slices.Sort(i.report.Users)
	slices.Sort(i.report.Groups)
	return nil
}

func (i *djangoImport) addGroup(from djangoGroup) error {
	all := i.project.groupPermissions[from.id]
	g, wrong := i.cleanGroup(Group{Name: from.name, Permissions: setOf(all).list(), Version: 1})
	if id := i.idOf(groupNames(), g.Name); id != 0 {
		i.groups[from.id] = id
		i.skip(KindGroup, g.Name, "a group of this name already exists; it was left unchanged")
		return nil
	}
	if len(wrong) > 0 {
		i.skip(KindGroup, from.name, wrong.Error())
		return nil
	}
	g, err := i.putGroup(g, ActionImport, changesOfGroup(Group{Name: g.Name}, g)...)
	if err != nil {
		return err
	}
	i.groups[from.id] = g.ID
	i.report.Groups = append(i.report.Groups, g.Name)
	i.skipPermissions(KindGroup, g.Name, all)
	return nil
}

func (i *djangoImport) addUser(from djangoUser) error {
	all := i.project.userPermissions[from.id]
	u := from.User
	u.Permissions, u.Epoch, u.Version = setOf(all).list(), 1, 1
	for _, id := range i.project.userGroups[from.id] {
		if our, ok := i.groups[id]; ok {
			u.Groups = append(u.Groups, our)
		}
	}
	if u.Joined.IsZero() {
		u.Joined = i.at
	}
	u, wrong := i.cleanUser(u)
	if i.idOf(usernames(), u.Username) != 0 {
		i.skip(KindUser, u.Username, "a user of this name already exists; they were left unchanged")
		return nil
	}
	if len(wrong) > 0 {
		i.skip(KindUser, from.Username, wrong.Error())
		return nil
	}
	u, err := i.putUser(u, i.passwordOf(from), ActionImport, i.grantsOf(u)...)
	if err != nil {
		return err
	}
	i.report.Users = append(i.report.Users, u.Username)
	i.skipPermissions(KindUser, u.Username, all)
	return nil
}

// passwordOf returns the hash, or unusableHash if it is of an unsupported kind or takes too
// long to check.
func (i *djangoImport) passwordOf(from djangoUser) string {
	_, err := parseHash(from.hash)
	if err == nil {
		return from.hash
	}
	if !errors.Is(err, errUnusable) {
		i.skip(KindUser, from.Username, "added without a password: "+err.Error())
	}
	return unusableHash
}

// skipPermissions reports the permissions that do not exist here.
func (i *djangoImport) skipPermissions(kind Kind, name string, all []Permission) {
	var foreign []string
	for _, p := range all {
		if bit(p) == 0 {
			foreign = append(foreign, shortened(string(p)))
		}
	}
	if len(foreign) == 0 {
		return
	}
	if more := len(foreign) - 10; more > 0 {
		foreign = append(foreign[:10], fmt.Sprintf("and %d more", more))
	}
	i.skip(kind, name, "without permissions that do not exist here: "+strings.Join(foreign, ", "))
}

func (i *djangoImport) skip(kind Kind, name, reason string) {
	i.report.Skipped = append(i.report.Skipped, Skipped{kind, shortened(name), reason})
}

// longestReported bounds a name in a report, in bytes.
const longestReported = 200

// shortened returns a name for a report: cut, and valid UTF-8.
func shortened(name string) string {
	if len(name) > longestReported {
		name = name[:longestReported] + "…"
	}
	return strings.ToValidUTF8(name, "�")
}
