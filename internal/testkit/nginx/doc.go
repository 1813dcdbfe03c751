// Package nginx starts a real nginx for tests, from Debian's package nginx-light. It
// listens on a loopback address and keeps its files in a temporary folder. Only tests may
// import it.
//
// Without nginx the tests are skipped, except where the variable CI is true: there they
// fail.
package nginx
