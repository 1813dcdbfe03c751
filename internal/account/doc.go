// Package account keeps the operators: users, groups, their permissions, and the
// audit log of what they did. It knows nothing of HTTP.
//
// # Guarantees
//
// A change that returns nil is on disk, whole, together with its audit entry.
// One that returns an error leaves nothing behind; after ErrUnavailable only the
// next Open knows. Reads show what is on disk, from memory; only Entries reads it.
//
// # Who may do what
//
// Every change takes an Actor. One at the command line, or at the first run,
// owns the file and may do everything. One in the console may do what the
// permissions of their user allow at that instant, else the error is
// ErrForbidden. Two rules go further than Django's, where staff members who may
// change users can make themselves superusers:
//
//   - only superusers can make, change or delete a superuser;
//   - operators can give away only permissions that they have, whether to a user
//     or a group, by membership or by setting a password.
package account
