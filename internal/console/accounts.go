package console

import (
	"context"

	"pagesession/internal/account"
	"pagesession/internal/control"
	"pagesession/internal/passkey"
)

// Accounts are the methods of account.Store that the console calls. Each of them can
// return account.ErrUnavailable: the console answers 503 then, and operators stay signed in.
type Accounts interface {
	control.Accounts

	Valid(ctx context.Context, id, epoch uint64) (account.User, bool, error)
	HasSuperuser(ctx context.Context) (bool, error)
	FirstRun(ctx context.Context) (bool, error)
	Authenticate(ctx context.Context, c account.Credentials) (account.User, error)
	CreateFirstSuperuser(ctx context.Context, by account.Actor, u account.User, password string) (account.User, error)
	Confirm(ctx context.Context, by account.Actor, on account.Device, password string) (account.Actor, error)
	ChangeOwnPassword(ctx context.Context, by account.Actor, password string) (account.User, error)

	SecondFactor(ctx context.Context, step account.SecondStep) (account.SignIn, error)
	MustHaveSecondFactor(u account.User) bool
	SecondFactors(ctx context.Context, userID uint64) (account.SecondFactors, error)
	SetUpTOTP(ctx context.Context, by account.Actor, userID uint64, issuer string) (account.TOTPSetup, error)
	TOTPSetupAgain(ctx context.Context, by account.Actor, sealed, issuer string) (account.TOTPSetup, error)
	ConfirmTOTP(ctx context.Context, by account.Actor, sealed, code string) (account.FactorChange, error)
	RemoveTOTP(ctx context.Context, by account.Actor, userID uint64) (account.User, error)
	NewRecoveryCodes(ctx context.Context, by account.Actor, userID uint64) (account.FactorChange, error)
	Passkeys(ctx context.Context, userID uint64) ([]account.Passkey, error)
	SetUpPasskey(ctx context.Context, by account.Actor, site passkey.Site) (account.PasskeySetup, []byte, error)
	AddPasskey(ctx context.Context, by account.Actor, set account.PasskeySetup, answer, name string) (account.FactorChange, error)
	RenamePasskey(ctx context.Context, by account.Actor, userID uint64, id, name string) error
	RemovePasskey(ctx context.Context, by account.Actor, userID uint64, id string) (account.User, error)
	AskPasskey(ctx context.Context, ticket account.Ticket, site passkey.Site) (passkey.Challenge, []byte, error)
	SecondPasskey(ctx context.Context, in account.PasskeyStep) (account.SignIn, error)
	AskAnyPasskey(site passkey.Site) (passkey.Challenge, []byte, error)
	SignInByPasskey(ctx context.Context, in account.PasskeyStep) (account.SignIn, error)
	ResetSecondFactors(ctx context.Context, by account.Actor, userID uint64) (account.User, error)

	HasFailures(ctx context.Context, username string) (bool, error)
	UpdateUser(ctx context.Context, by account.Actor, u account.User) (account.User, error)
	SignOut(ctx context.Context, by account.Actor, id uint64) (account.User, error)

	Group(ctx context.Context, id uint64) (account.Group, error)

	History(ctx context.Context, kind account.Kind, id, before uint64) (account.EntryPage, error)
	Recent(ctx context.Context, userID uint64, n int) ([]account.Entry, error)
}
