package control

import (
	"context"
	"slices"

	"pagesession/internal/account"
)

// ListGroups is the command "groups list". It returns groups in the order of their names.
var ListGroups = Operation[GroupQuery, GroupList]{
	path: "/v1/groups/list", need: Need{Accounts: true}, permission: account.ViewGroup,
	do: func(ctx context.Context, on Stores, _ account.Actor, q GroupQuery) (GroupList, error) {
		page, err := on.Accounts.Groups(ctx, account.GroupQuery{Search: q.Search})
		list := GroupList{Groups: []Group{}}
		for _, g := range page.Groups {
			list.Groups = append(list.Groups, groupOf(g))
		}
		return list, err
	},
}

// AddGroup is the command "groups add". Errors: those of account.Store.CreateGroup.
var AddGroup = Operation[NewGroup, Group]{
	path: "/v1/groups/add", need: Need{Accounts: true}, permission: account.AddGroup,
	do: func(ctx context.Context, on Stores, by account.Actor, n NewGroup) (Group, error) {
		g, err := on.Accounts.CreateGroup(ctx, by, account.Group{Name: n.Name, Permissions: n.Permissions})
		return groupOf(g), err
	},
}

// ChangeGroup is the command "groups change". Errors: those of account.Store.UpdateGroup.
var ChangeGroup = Operation[GroupChange, Group]{
	path: "/v1/groups/change", need: Need{Accounts: true}, permission: account.ChangeGroup,
	do: func(ctx context.Context, on Stores, by account.Actor, n GroupChange) (Group, error) {
		g, err := on.group(ctx, n.Name)
		if err != nil {
			return Group{}, err
		}
		members := g.Members
		if n.NewName != "" {
			g.Name = n.NewName
		}
		g.Permissions = slices.DeleteFunc(append(g.Permissions, n.Grant...), func(p account.Permission) bool { return slices.Contains(n.Revoke, p) })
		g, err = on.Accounts.UpdateGroup(ctx, by, g)
		g.Members = members
		return groupOf(g), err
	},
}

// DeleteGroup is the command "groups delete". Its members lose its permissions. It returns
// the group that was deleted. Errors: account.ErrNotFound.
var DeleteGroup = Operation[GroupName, Group]{
	path: "/v1/groups/delete", need: Need{Accounts: true}, permission: account.DeleteGroup,
	do: func(ctx context.Context, on Stores, by account.Actor, n GroupName) (Group, error) {
		g, err := on.group(ctx, n.Name)
		if err != nil {
			return Group{}, err
		}
		return groupOf(g), on.Accounts.DeleteGroups(ctx, by, g.ID)
	},
}

// A GroupQuery asks for the groups whose names contain each word of Search; "" means all.
type GroupQuery struct {
	Search string `json:"search"`
}

// A GroupName is the request of DeleteGroup.
type GroupName struct {
	Name string `json:"name"`
}

// A NewGroup is the request of AddGroup.
type NewGroup struct {
	Name        string               `json:"name"`
	Permissions []account.Permission `json:"permissions"`
}

// A GroupChange is the request of ChangeGroup.
type GroupChange struct {
	Name    string               `json:"name"`
	NewName string               `json:"new_name"` // "": it keeps its name
	Grant   []account.Permission `json:"grant"`
	Revoke  []account.Permission `json:"revoke"`
}

// A GroupList is the result of ListGroups.
type GroupList struct {
	Groups []Group `json:"groups"`
}

// A Group is a group of operators.
type Group struct {
	ID          uint64               `json:"id"`
	Name        string               `json:"name"`
	Members     int                  `json:"members"`
	Permissions []account.Permission `json:"permissions"`
}

func groupOf(g account.Group) Group {
	return Group{g.ID, g.Name, g.Members, append([]account.Permission{}, g.Permissions...)}
}
