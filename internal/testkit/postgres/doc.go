// Package postgres starts a real PostgreSQL for tests, from Debian's package postgresql. It
// listens only on a Unix socket in a temporary folder. Only tests may import it.
//
// A test package has one [Cluster], whose server starts when the first test asks for it;
// each test gets a [Server.Database] of its own. A test that stops the server starts its
// own with [New].
//
// Without PostgreSQL the tests are skipped, except where the variable CI is true: there
// they fail.
package postgres
