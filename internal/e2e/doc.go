// Package e2e has the tests that need a process or a browser. They build the
// program, start it with a data folder of its own, send requests over real
// connections and from a real browser, and stop it by a signal. Tests in memory
// are in internal/web, session, internal/server and internal/console;
// wiring_test.go checks that the program joins these. The package has tests only.
//
// A file is named by what it tests; all of them use server_test.go and
// client_test.go. When a test ends, each of its servers gets SIGTERM and has to
// exit with 0 within 5 s. Its log may have no panic, no error and no session id,
// its data folder no readable session id.
//
// The browser tests use the headless shell of Chromium, or else Chromium itself.
// Without either they skip, or fail where CI is set. TestFirefox_… does the same with
// Firefox, for what browsers do differently. PAGESESSION_ARTIFACTS names a folder for
// their pictures; by default none are taken. go test -short leaves them out. Under -race the program is built with the race detector as well.
package e2e
