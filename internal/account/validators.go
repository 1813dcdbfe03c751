package account

// CheckPassword returns everything that is wrong with a password for this
// user, in Django's words, or nil. Of the user the names and the e-mail count.
func CheckPassword(password string, about User) []string { return nil }

// PasswordHelp returns what a form says about passwords, one sentence a rule.
func PasswordHelp() []string {
	return []string{
		"Your password can’t be too similar to your other personal information.",
		"Your password must contain at least 8 characters.",
		"Your password can’t be a commonly used password.",
		"Your password can’t be entirely numeric.",
	}
}
