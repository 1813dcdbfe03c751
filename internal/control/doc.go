// Package control has the operations of commands and of the console, and the
// commands' way to the data of a data folder, whether a server runs on it or not.
//
// # An operation is written once
//
// An [Operation] has its path on the socket, what it needs open, its
// permission, its audit entries and the function that does it. The commands use
// [Operation.Run], which asks a running server or opens the files; the server
// and the console use [Operation.Do] on the stores that visitors use at that
// moment, so a change counts at once. Each Run decides anew: no file is held open
// while an operator thinks, and a server may start or stop between two of them.
//
// # How Run decides
//
// It dials the socket. If no server answers it opens the files. If these are in
// use, a server is starting, stopping, or reading a large file: then it dials
// again, for up to ten seconds. After that the result is the files' error, which
// names the process that holds them. The locks on the files decide who works on
// them; the socket is only a way to ask.
//
// A request is sent with "Expect: 100-continue". A server that stops before it
// has read the request was never asked, and Run begins again. One that dies after
// that may have done it: the error is [ErrInterrupted].
//
// # Who may connect
//
// Those who may open the files: the socket has mode 0600, in a folder with 0700.
// It is bound in a new folder that only its owner may enter, given its mode, and
// renamed, so it never has other rights; the rename replaces what a killed server
// left. The server holds the locks of the files by then, so a second one never
// takes the socket from the first. Anything else at that name is an error.
//
// A socket's path may have about 108 bytes. Where it is longer Linux is given
// /proc/self/fd/N in place of the folder; other systems get an error.
//
// # What crosses the socket
//
// HTTP: POST /v1/OPERATION with {"actor": ..., "request": ...} in JSON. 200 has
// the result, everything else an error with a code, so that errors.Is finds in
// the command what it would have found in the server, and
// [account.ValidationErrors] whole. An answer with [ErrNotAudited] has the result,
// too. A Django file is sent as it is, because a server in a sandbox may not see
// it. Passwords are [Secret]: they stand in the body and are never printed. A
// request of another version, which this one does not know, gets [ErrVersion].
package control
