-- Second factors of operators. As in schema.sql, times are microseconds, and schema.go lists
-- the words that PostgreSQL spells in another way.

-- Authenticator apps.
CREATE TABLE totp (
  user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  secret  TEXT NOT NULL,    -- sealed with a key that is made of secret.key
  step    INTEGER NOT NULL, -- of the last accepted code: half minutes since 1970; codes of this step and earlier ones are refused
  added   INTEGER NOT NULL
) STRICT;

-- Recovery codes that were not used yet.
CREATE TABLE recovery_codes (
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  hash    TEXT NOT NULL, -- SHA-256 in hexadecimal
  PRIMARY KEY (user_id, hash)
) STRICT;

-- Wrong codes that came with a user's right password since their last sign-in.
CREATE TABLE wrong_codes (
  user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  count   INTEGER NOT NULL
) STRICT;
