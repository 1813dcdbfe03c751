// Package account keeps the operators: users, groups, what they may do, and
// the audit log of what they did. It knows nothing of HTTP.
//
// # Guarantees
//
// A change that was answered without an error is on disk, whole, together
// with its audit entry; one that was answered with an error left nothing
// behind, except after ErrUnavailable, when only the next Open knows. Nobody
// sees a change before it is on disk. Reads wait for no disk; only Entries
// reads the file.
//
// # Who may do what
//
// Every change takes an Actor. One at the command line, or at the first run,
// owns the file and may do everything; one in the console may do what the
// permissions of his user say at that instant, and is refused with
// ErrForbidden otherwise. Two rules go further than Django's, where a staff
// member who may change users can make himself a superuser:
//
//   - who is no superuser cannot touch a superuser, nor make one;
//   - nobody gives away a permission (to a user or a group, by membership or
//     by the password of somebody who has it) that he has not himself.
package account
