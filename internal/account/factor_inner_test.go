package account

import "context"

// CopySecret gives a user the stored secret of another one's authenticator app.
func (s *Store) CopySecret(from, to uint64) error {
	return s.change(context.Background(), trusted, "", func(c *change) error {
		c.exec("UPDATE totp SET secret = $1 WHERE user_id = $2", c.totp(from).sealed, to)
		return nil
	})
}

// CountWrongCodes sets the number of wrong codes of a user.
func (s *Store) CountWrongCodes(user uint64, n int) error {
	return s.change(context.Background(), trusted, "", func(c *change) error {
		c.exec("INSERT INTO wrong_codes (user_id, count) VALUES ($1, $2)", user, n)
		return nil
	})
}

// UseCodes marks all codes of a user's app as used.
func (s *Store) UseCodes(user uint64) error {
	return s.change(context.Background(), trusted, "", func(c *change) error {
		c.exec("UPDATE totp SET step = $1 WHERE user_id = $2", int64(1)<<40, user)
		return nil
	})
}
