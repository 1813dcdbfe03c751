// Package control has the operations of commands and of the console, and the
// commands' way to the data of a data folder, whether a server runs on it or not.
//
// # An operation is written once
//
// An [Operation] has its path on the socket, what it needs open, its
// permission, its audit entries and the function that does it. The commands use
// [Operation.Run], which asks a running server or opens the files; the server
// and the console use [Operation.Do] on the stores that visitors use at that
// moment, so a change counts at once. Each Run decides anew: no file is held
// open while an operator thinks about a password, and a command goes on when the
// server starts or stops between two of its steps.
//
// # How Run decides
//
// It dials the socket. If no server answers (there is no socket, or a killed
// server has left one) it opens the files. If these are in use, a server has
// started meanwhile, or one is stopping, or one is reading a large file and
// does not answer yet: then it dials again, for up to ten seconds. After that
// the result is the files' error, which names the process that holds them. The
// locks on the files decide who works on them; the socket is only a way to ask.
//
// A request is sent with "Expect: 100-continue". A server that stops before it
// has read the request was never asked, and Run begins again. One that dies
// after that may have done it: the error is [ErrInterrupted], and Run tries
// nothing twice.
//
// # Who may connect
//
// Those who may open the files: the socket has mode 0600, in a folder with 0700.
// It is bound under another name, in a new folder that only its owner may enter,
// given its mode there, and renamed, so it never has other rights; the same
// rename takes the place of what a killed server left. The server holds the
// locks of the files by then, so a second one never takes the socket from the
// first. Anything else at that name, a link included, is left alone and is an
// error.
//
// A socket's path may have about 108 bytes, a folder's 4,096. Where the path is
// too long Linux is given /proc/self/fd/N in place of the folder; other systems
// get an error that says so.
//
// # What crosses the socket
//
// HTTP: POST /v1/OPERATION with {"actor": ..., "request": ...} in JSON. 200 has
// the result, everything else an error with a code, so that errors.Is finds in
// the command what it would have found in the server, and
// [account.ValidationErrors] whole. An answer with [ErrNotAudited] has the result,
// too. A Django file is sent as it is, because a server in a sandbox may not see
// it. Passwords are [Secret]: they stand in the body and are never printed.
// Connections, bodies and times are bounded, see limits in server.go. A request
// of another version, which this one does not know, gets [ErrVersion]: paths and
// fields stay.
package control
