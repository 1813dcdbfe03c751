// Package e2e holds pagesession to its outside, and to nothing else: the
// program is built, started as a process of its own with a data folder of its
// own, asked over real connections and by a real browser, and stopped by a
// signal. There is no code here but tests.
//
// A file is named by what it holds the program to; server_test.go and
// client_test.go are what all of them use. Every server that a test starts is
// stopped by SIGTERM when the test ends, and must then exit with 0 within 5 s,
// having logged no panic, no error and no session id, and with no session id
// readable in its data folder.
//
// The browser tests skip where there is no Chromium, and fail instead where CI
// is set. PAGESESSION_ARTIFACTS names a folder for their screenshots; without
// it they go to a temporary one. Under -race the program is built with the race
// detector as well.
package e2e
