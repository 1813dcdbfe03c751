package account

import "fmt"

// mostWrongCodes is how many wrong codes in a row an authenticator app survives (NIST SP
// 800-63B, 5.2.2). Three codes of a million are right at a time, so guesses succeed in 3 of
// 10,000 attacks by someone who has the password.
const mostWrongCodes = 100

// checkCode compares a code with the user's app and with their recovery codes. It does both
// for each code and each user, so all take the same time.
func (s *Store) checkCode(c *change, u *member, code string) (got accepted) {
	row := c.totp(u.ID)
	secret, unreadable := s.secretOf(u.ID, row)
	at := secret.match(code, c.at, row.step)
	hash := recoveryHash(code)
	recovers := value[int](c.tx, "SELECT count(*) FROM recovery_codes WHERE user_id = $1 AND hash = $2", u.ID, hash) > 0
	switch {
	case recovers:
		return accepted{by: ByRecoveryCode, once: usedProof{of: fmt.Sprint("recovery code ", u.ID, " ", hash), at: 1}, spend: spendRecoveryCode(u.ID, hash)}
	case !u.Factors.TOTP:
		return accepted{}
	case unreadable != nil:
		return accepted{beware: fmt.Errorf("%w: restore secret.key from a backup, or let the user sign in with a recovery code and set the app up again", unreadable)}
	case c.wrongCodes(u.ID) >= mostWrongCodes:
		return accepted{beware: fmt.Errorf("there were %d wrong codes since the last sign-in, so only a recovery code or a passkey signs this user in", mostWrongCodes)}
	case at == 0:
		return accepted{}
	}
	return accepted{by: ByTOTP, once: usedProof{of: fmt.Sprint("totp ", u.ID), at: at}, spend: spendStep(u.ID, at)}
}

func spendRecoveryCode(user uint64, hash string) func(*change) {
	return func(c *change) {
		c.exec("DELETE FROM recovery_codes WHERE user_id = $1 AND hash = $2", user, hash)
	}
}

func spendStep(user uint64, step int64) func(*change) {
	return func(c *change) {
		c.exec("UPDATE totp SET step = $1 WHERE user_id = $2 AND step < $1", step, user)
	}
}

// wrongCodes returns how many wrong codes came with the user's right password since their
// last sign-in.
func (t tx) wrongCodes(user uint64) int {
	return value[int](t, "SELECT count FROM wrong_codes WHERE user_id = $1", user)
}

// countWrongCode counts a wrong code of a user, if the user is still there.
func (c *change) countWrongCode(user uint64) {
	c.exec(`INSERT INTO wrong_codes (user_id, count) SELECT id, 1 FROM users WHERE id = $1
		ON CONFLICT (user_id) DO UPDATE SET count = wrong_codes.count + 1`, user)
}
