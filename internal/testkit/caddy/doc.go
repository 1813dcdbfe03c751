// Package caddy starts a real Caddy for tests, from Debian's package caddy. It listens on a
// loopback address and keeps its files in a temporary folder. Only tests may import it.
//
// Without Caddy the tests are skipped, except where the variable CI is true: there they fail.
package caddy
