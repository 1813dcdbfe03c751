package control

import (
	"context"

	"pagesession/internal/account"
)

// Accounts are the methods of account.Store that operations call. Each of them can return
// account.ErrUnavailable, which says what to do.
type Accounts interface {
	May(ctx context.Context, by account.Actor, p account.Permission) error
	MaySuper(ctx context.Context, by account.Actor) error
	Audit(ctx context.Context, by account.Actor, events ...account.Event) error

	User(ctx context.Context, id uint64) (account.User, error)
	UserByName(ctx context.Context, username string) (account.User, error)
	Users(ctx context.Context, q account.UserQuery) (account.UserPage, error)
	Groups(ctx context.Context, q account.GroupQuery) (account.GroupPage, error)

	Entries(ctx context.Context, q account.EntryQuery) (account.EntryPage, error)
	FormerUsers(ctx context.Context, username string) ([]uint64, error)
	ExportUser(ctx context.Context, by account.Actor, id uint64) (account.UserData, error)
	EraseUser(ctx context.Context, by account.Actor, id uint64) (entries int, err error)

	CreateUser(ctx context.Context, by account.Actor, u account.User, password string) (account.User, error)
	UpdateUser(ctx context.Context, by account.Actor, u account.User) (account.User, error)
	DeleteUsers(ctx context.Context, by account.Actor, ids ...uint64) error
	GroupByName(ctx context.Context, name string) (account.Group, error)
	CreateGroup(ctx context.Context, by account.Actor, g account.Group) (account.Group, error)
	UpdateGroup(ctx context.Context, by account.Actor, g account.Group) (account.Group, error)
	DeleteGroups(ctx context.Context, by account.Actor, ids ...uint64) error
	SetActive(ctx context.Context, by account.Actor, id uint64, active bool) (account.User, error)
	Unlock(ctx context.Context, by account.Actor, id uint64) (u account.User, failures int, err error)
	SetUpTOTP(ctx context.Context, by account.Actor, id uint64, issuer string) (account.TOTPSetup, error)
	ConfirmTOTP(ctx context.Context, by account.Actor, sealed, code string) (account.FactorChange, error)
	NewRecoveryCodes(ctx context.Context, by account.Actor, id uint64) (account.FactorChange, error)
	ResetSecondFactors(ctx context.Context, by account.Actor, id uint64) (account.User, error)
	SetPassword(ctx context.Context, by account.Actor, id uint64, password string) (account.User, error)
	ImportDjango(ctx context.Context, by account.Actor, path string) (account.DjangoReport, error)
}
