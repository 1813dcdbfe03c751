// Package control is how commands reach the data of a data folder, whether a
// server runs on it or not.
//
// # One interface, three that have it
//
// [Operations] is everything that commands do. [Local] does it on open stores.
// A remote, which nobody sees, asks a running server to do it, and the server
// (see [Start]) does it with a Local on the stores that visitors use at that
// moment: what a command changes counts at once, and there is only one
// implementation that could be wrong. [Client] chooses between the two anew for
// each operation. So no file is held open while somebody thinks about a
// password, and a command goes on when the server starts or stops between two
// of its steps.
//
// # How a Client decides
//
// It dials the socket. If nobody answers (there is no socket, or a killed
// server has left one) it opens the files. If these are in use, a server has
// started meanwhile, or one is stopping, or one is reading a large file and
// does not answer yet: then it dials again, for up to ten seconds. What comes
// of it after that is the files' error, which names the process that holds
// them. The locks on the files decide who works on them; the socket is only a
// way to ask.
//
// A request is sent with "Expect: 100-continue". A server that stops before it
// has read the request was never asked, and the Client begins again. One that
// dies after that may have done it or not: the error is [ErrInterrupted], and
// nothing is tried twice.
//
// # Who may connect
//
// Whoever may open the files: the socket has mode 0600, in a folder with 0700.
// It is bound under another name, in a new folder that only we may enter, given
// its mode there, and renamed, so there is no moment at which it is there with
// other rights; the same rename takes the place of what a killed server left.
// Only who holds the locks of the files does that, so a second server never
// takes the socket from the first. What is no socket at that name, a link
// included, is left alone: somebody put it there.
//
// A socket's path may have about 108 bytes, a folder's 4,096. Where the path is
// too long Linux is given /proc/self/fd/N in place of the folder; other systems
// get an error that says so.
//
// # What crosses it
//
// HTTP: POST /v1/OPERATION with {"actor": ..., "request": ...} in JSON. 200 has
// the result, everything else an error with a code, so that errors.Is finds in
// the command what it would have found in the server, and
// [account.ValidationErrors] whole. A Django file is sent as it is, because a
// server in a sandbox may not see it. Passwords are [Secret]: they stand in the
// body and are never printed. Connections, bodies and times are bounded, see
// limits in server.go. A request of another version, which this one does not
// know, gets [ErrVersion].
package control
