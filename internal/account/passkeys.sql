-- Passkeys of operators. As in schema.sql, times are microseconds, and schema.go lists the
-- words that PostgreSQL spells in another way.

CREATE TABLE passkeys (
  credential TEXT NOT NULL PRIMARY KEY, -- the id that the authenticator gave it, in base64url
  user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  rp_id      TEXT NOT NULL,    -- the host name that it belongs to
  name       TEXT NOT NULL,    -- that its user gave it
  public_key TEXT NOT NULL,    -- COSE, in base64url
  sign_count INTEGER NOT NULL, -- of its last signature; 0: it does not count
  flags      INTEGER NOT NULL, -- of its last answer, as WebAuthn numbers them; whether it verifies its user, of the first one
  challenged INTEGER NOT NULL, -- when the last challenge that it answered was made; older ones no longer count
  added      INTEGER NOT NULL,
  last_used  INTEGER           -- NULL: never
) STRICT;
CREATE INDEX passkeys_by_user ON passkeys (user_id);
