package control

import (
	"context"

	"pagesession/internal/account"
)

// SetUpTOTP is the first half of the command "users second-factor add": it makes the secret of
// an authenticator app and stores nothing. Errors: account.ErrNotFound, account.ErrNoSecretKey.
var SetUpTOTP = Operation[NewTOTP, TOTPSetup]{
	path: "/v1/users/second-factor/set-up", need: Need{Accounts: true, SecretKey: true}, permission: account.ChangeUser,
	do: func(ctx context.Context, on Stores, by account.Actor, n NewTOTP) (set TOTPSetup, err error) {
		set.User, err = on.toUser(ctx, n.Username, func(id uint64) (account.User, error) {
			made, err := on.Accounts.SetUpTOTP(ctx, by, id, n.Issuer)
			if err != nil {
				return account.User{}, err
			}
			set.Secret, set.Address, set.Sealed = Secret(made.Secret), Secret(made.Address), Secret(made.Sealed)
			return on.Accounts.User(ctx, id)
		})
		return set, err
	},
}

// ConfirmTOTP is the second half: it stores the app, if the code is right. Errors:
// account.ErrCode, after which the setup goes on; account.ErrSetup, account.ErrNotFound.
var ConfirmTOTP = Operation[TOTPProof, FactorChange]{
	path: "/v1/users/second-factor/confirm", need: Need{Accounts: true, SecretKey: true}, permission: account.ChangeUser,
	do: func(ctx context.Context, on Stores, by account.Actor, p TOTPProof) (FactorChange, error) {
		return on.toFactors(ctx, p.Username, func(uint64) (account.FactorChange, error) {
			return on.Accounts.ConfirmTOTP(ctx, by, string(p.Sealed), string(p.Code))
		})
	},
}

// NewRecoveryCodes is the command "users second-factor recovery-codes". Errors:
// account.ErrNoFactor, account.ErrNotFound.
var NewRecoveryCodes = Operation[Username, FactorChange]{
	path: "/v1/users/second-factor/recovery-codes", need: Need{Accounts: true}, permission: account.ChangeUser,
	do: func(ctx context.Context, on Stores, by account.Actor, n Username) (FactorChange, error) {
		return on.toFactors(ctx, n.Username, func(id uint64) (account.FactorChange, error) {
			return on.Accounts.NewRecoveryCodes(ctx, by, id)
		})
	},
}

// ResetSecondFactors is the command "users second-factor reset", and a button in the console:
// it removes all second factors of a user and signs them out everywhere. In the console it
// also needs a superuser. Errors: account.ErrNoFactor, account.ErrNotFound, account.ErrSelf.
var ResetSecondFactors = Operation[Username, User]{
	path: "/v1/users/second-factor/reset", need: Need{Accounts: true}, permission: account.ChangeUser,
	do: func(ctx context.Context, on Stores, by account.Actor, n Username) (User, error) {
		return on.toUser(ctx, n.Username, func(id uint64) (account.User, error) {
			return on.Accounts.ResetSecondFactors(ctx, by, id)
		})
	},
}

// toFactors is toUser for a change that may come with recovery codes.
func (on Stores) toFactors(ctx context.Context, username string, do func(id uint64) (account.FactorChange, error)) (out FactorChange, err error) {
	out.User, err = on.toUser(ctx, username, func(id uint64) (account.User, error) {
		done, err := do(id)
		for _, code := range done.Codes {
			out.Codes = append(out.Codes, Secret(code))
		}
		return done.User, err
	})
	return out, err
}

// A NewTOTP is the request of SetUpTOTP.
type NewTOTP struct {
	Username string `json:"username"`
	Issuer   string `json:"issuer"` // what the app calls the server
}

// A TOTPSetup is the result of SetUpTOTP: an app that is being set up.
type TOTPSetup struct {
	User    User   `json:"user"`
	Secret  Secret `json:"secret"`  // for people who type it in
	Address Secret `json:"address"` // for a QR code
	Sealed  Secret `json:"sealed"`  // for ConfirmTOTP
}

// A TOTPProof is the request of ConfirmTOTP.
type TOTPProof struct {
	Username string `json:"username"`
	Sealed   Secret `json:"sealed"` // of SetUpTOTP for this user
	Code     Secret `json:"code"`
}

// A FactorChange is the result of a change of second factors.
type FactorChange struct {
	User  User     `json:"user"`
	Codes []Secret `json:"codes"` // new recovery codes, to show once; nil if there are none
}
