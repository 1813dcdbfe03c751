// Package control has the operations of the commands and of the console. It runs them
// on a data folder with and without a running server.
//
// # Operations
//
// An [Operation] has its path on the socket, the stores that it needs, its permission,
// its audit entries and the function that does it. Commands call [Operation.Run], which
// asks a running server or opens the files. The server and the console call
// [Operation.Do] on the open stores, so a change takes effect at once. Each Run looks for
// the server again: files stay closed while an operator thinks, and a server may start
// or stop between two operations.
//
// # How Run finds the data
//
// Run dials the socket. If no server answers, it opens the files. If the files are in
// use, a server is starting, stopping, or reading a large file; then Run dials again,
// for up to ten seconds. After that it returns the error of opening the files, which
// names the process that uses them. The locks on the files decide who may write; the
// socket only carries requests.
//
// Run sends a request with "Expect: 100-continue". If the server stops before it reads
// the request, Run starts over. If the server stops after that, the operation may be
// done, and the error is [ErrInterrupted].
//
// # Who may connect
//
// Only users who may open the files: the socket has mode 0600, in a folder with mode
// 0700. The server binds it in a new folder that only its owner may enter, sets the mode,
// and renames it, so the socket is private from the start. The rename replaces the
// socket of a killed server. At that time the server holds the locks of the files, so
// the socket of a running server is safe. Anything else at that name is an error.
//
// A socket's path may have about 108 bytes. For a longer one, Linux gets
// /proc/self/fd/N in place of the folder; other systems return an error.
//
// # The protocol
//
// HTTP: POST /v1/OPERATION with {"actor": ..., "request": ...} in JSON. Status 200 comes
// with the result. Any other status comes with an error and its code, so that errors.Is
// gives the same answers in the command as in the server; [account.ValidationErrors]
// arrive complete, and [ErrNotAudited] brings the result. A Django file is sent with its
// content, because a server in a sandbox may be unable to open it. Passwords are of type
// [Secret]: the body has them, and printing hides them. A request that this version does
// not know gets [ErrVersion].
package control
