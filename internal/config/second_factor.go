package config

import (
	"errors"
	"slices"

	"pagesession/internal/account"
)

// requirement is the kind of --second-factor.
func requirement() kind[account.Requirement] {
	const allowed = "optional, superusers or required"
	known := []account.Requirement{account.Optional, account.Superusers, account.Everyone}
	return kind[account.Requirement]{allowed, func(s string) (account.Requirement, error) {
		if of := account.Requirement(s); slices.Contains(known, of) {
			return of, nil
		}
		return "", errors.New("is not one of the three; use " + allowed)
	}, func(of account.Requirement) string { return string(of) }}
}
