-- The operators: users, groups, their permissions, and the audit log.
-- Times are microseconds since 1970 in UTC. Flags are 0 or 1.
-- This is SQLite; schema.go lists the words that PostgreSQL spells in another way.

CREATE TABLE meta (
  name  TEXT NOT NULL PRIMARY KEY, -- 'id': identity of this database, 'decoy': key of the hashes for unknown names, 'taken': the old file it was made of, 'moving': half a copy
  value TEXT NOT NULL
) STRICT;

CREATE TABLE counters (
  name TEXT NOT NULL PRIMARY KEY, -- 'users', 'groups' or 'entries'
  last INTEGER NOT NULL           -- the highest id so far; the id of a deleted row is not used again
) STRICT;
INSERT INTO counters (name, last) VALUES ('users', 0), ('groups', 0), ('entries', 0);

CREATE TABLE users (
  id         INTEGER NOT NULL PRIMARY KEY,
  username   TEXT NOT NULL UNIQUE, -- in Unicode's compatibility form (NFKC)
  email      TEXT NOT NULL,
  first_name TEXT NOT NULL,
  last_name  TEXT NOT NULL,
  hash       TEXT NOT NULL, -- argon2id or PBKDF2; beginning with '!': no password
  active     INTEGER NOT NULL CHECK (active IN (0, 1)),
  staff      INTEGER NOT NULL CHECK (staff IN (0, 1)),     -- may sign in to the console
  superuser  INTEGER NOT NULL CHECK (superuser IN (0, 1)), -- has all permissions
  last_login INTEGER,                                      -- NULL: never
  joined     INTEGER NOT NULL,
  epoch      INTEGER NOT NULL, -- console sessions of another epoch have ended
  version    INTEGER NOT NULL  -- counts changes by operators
) STRICT;

-- For the hash that stands in for the one of an unknown name: an equal share of each cost.
CREATE INDEX users_by_cost ON users (substr(hash, 1, 24), id) WHERE substr(hash, 1, 1) <> '!';

CREATE TABLE groups (
  id      INTEGER NOT NULL PRIMARY KEY,
  name    TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL
) STRICT;

CREATE TABLE user_groups (
  user_id  INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  group_id INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, group_id)
) STRICT;
CREATE INDEX user_groups_by_group ON user_groups (group_id);

CREATE TABLE user_permissions (
  user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  permission TEXT NOT NULL, -- such as 'delete_session'
  PRIMARY KEY (user_id, permission)
) STRICT;

CREATE TABLE group_permissions (
  group_id   INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  permission TEXT NOT NULL,
  PRIMARY KEY (group_id, permission)
) STRICT;

-- The audit log. It names users and objects as they were, so it has no foreign keys.
CREATE TABLE entries (
  id        INTEGER NOT NULL PRIMARY KEY,
  at        INTEGER NOT NULL,
  actor_id  INTEGER NOT NULL, -- 0: not a user of the console
  actor     TEXT NOT NULL,
  address   TEXT NOT NULL,
  via       TEXT NOT NULL,    -- 'console', 'command line' or 'first run'
  action    TEXT NOT NULL,
  kind      TEXT NOT NULL,    -- of the object: 'user', 'group', 'session' or 'console'
  object_id TEXT NOT NULL,
  object    TEXT NOT NULL,    -- its name
  fields    TEXT NOT NULL,    -- names of the changed fields, separated by commas
  count     INTEGER NOT NULL  -- of objects, if there are several
) STRICT;
CREATE INDEX entries_by_action ON entries (action, id);
CREATE INDEX entries_by_kind ON entries (kind, id);
CREATE INDEX entries_by_actor ON entries (actor_id, id);
CREATE INDEX entries_by_object ON entries (kind, object_id, id);
CREATE INDEX entries_by_time ON entries (at, id);
