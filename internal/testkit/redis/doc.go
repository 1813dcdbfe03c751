// Package redis starts real Redis servers for tests, from Debian's package redis-server: one
// server, Sentinel, or a Cluster. They listen on the loopback and keep their files in a
// temporary folder. Only tests may import it.
//
// Without Redis the tests are skipped, except where the variable CI is true: there they
// fail.
package redis
