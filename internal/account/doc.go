// Package account stores the operators: users, groups, their permissions, and the audit
// log. It is independent of HTTP.
//
// # Guarantees
//
// When a change returns nil, it is on disk together with its audit entry. When it returns
// an error, nothing has changed; after ErrUnavailable the next Open decides whether the
// change is done. Reads return durable data from memory; only Entries reads the file.
//
// # Permissions
//
// Each change has an Actor. An actor at the command line or at the first run owns the
// file and may do everything. An actor in the console needs the permission at that
// moment, else the error is ErrForbidden. Two rules are stricter than Django's, where
// staff members who may change users can make themselves superusers:
//
//   - only superusers can create, change or delete a superuser;
//   - operators can only give permissions that they have, be it to a user or a group, by
//     membership or by setting a password.
package account
