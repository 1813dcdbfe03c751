// Package e2e holds the program to what only a process or a browser can show.
// It is built, started as a process with a data folder of its own, asked over
// real connections and by a real browser, and stopped by a signal. What can be
// proved in memory is proved in internal/web, session, internal/server
// and internal/console; wiring_test.go has one row each for how the program
// joins them. There is no code here but tests.
//
// A file is named by what it holds the program to; server_test.go and
// client_test.go are what all of them use. Every server that a test starts is
// stopped by SIGTERM when the test ends, and must then exit with 0 within 5 s,
// having logged no panic, no error and no session id, and with no session id
// readable in its data folder.
//
// The browser tests take the headless shell of Chromium, or else Chromium itself;
// they skip where there is neither, and fail instead where CI
// is set. PAGESESSION_ARTIFACTS names a folder for their pictures; without
// it none are taken. go test -short leaves them out. Under -race the program is built with the race
// detector as well.
package e2e
