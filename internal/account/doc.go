// Package account stores the operators: users, groups, their permissions, and the audit
// log. It is independent of HTTP.
//
// # Guarantees
//
// When a change returns nil, it is on disk together with its audit entry. When it returns
// an error, nothing has changed, except that a connection to PostgreSQL that breaks during
// the commit leaves open whether the change is done. While the database cannot be used,
// everything returns ErrUnavailable with the cause and what to do, and goes on when it can
// be used again.
//
// # Permissions
//
// Each change has an Actor. An actor at the command line or at the first run owns the
// data and may do everything. An actor in the console needs the permission at that
// moment, else the error is ErrForbidden. Two rules are stricter than Django's, where
// staff members who may change users can make themselves superusers:
//
//   - only superusers can create, change or delete a superuser;
//   - operators can only give permissions that they have, be it to a user or a group, by
//     membership or by setting a password.
package account
