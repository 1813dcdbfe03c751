package account

import (
	"slices"
	"strings"
)

// A permissionSet has one bit for each of Permissions. Each request tests some of them.
type permissionSet uint32

// everything has a bit for each permission that there is or will be.
const everything = ^permissionSet(0)

// bit returns the set of one permission; none for an unknown one.
func bit(p Permission) permissionSet {
	if i := slices.Index(Permissions(), p); i >= 0 {
		return 1 << i
	}
	return 0
}

func setOf(list []Permission) (set permissionSet) {
	for _, p := range list {
		set |= bit(p)
	}
	return set
}

func (set permissionSet) has(p Permission) bool { return set&bit(p) != 0 }

// covers reports whether set has all permissions of other.
func (set permissionSet) covers(other permissionSet) bool { return other&^set == 0 }

func (set permissionSet) list() []Permission {
	var list []Permission
	for i, p := range Permissions() {
		if set&(1<<i) != 0 {
			list = append(list, p)
		}
	}
	return list
}

// split returns the verb and the kind of a permission, and whether the permission exists.
func (p Permission) split() (verb string, kind Kind, ok bool) {
	verb, rest, _ := strings.Cut(string(p), "_")
	return verb, Kind(rest), bit(p) != 0
}
